package e2e

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/requester"
	"github.com/tlsward/tlsward/test/e2e/scenes"
)

var parityScenes = flag.String("parity.scenes", "", "compare only the scenes whose files match this; for who works on them")

// TestParity has every scene of every rule applied to the API server, each object that webhooks judge as the last one, and
// compares the answer with what lint says of the very objects that the API server then holds. What no API server stores is
// counted apart.
func TestParity(t *testing.T) {
	list, err := scenes.Read()
	check(t, err)
	only, err := regexp.Compile(*parityScenes)
	check(t, err)
	list = slices.DeleteFunc(list, func(s scenes.Scene) bool { return !only.MatchString(s.File) })
	served := serveAllKinds(t, list)
	defer served()
	tally := &tally{}
	for _, group := range byJudgement(t, list) {
		// The rules are held to one clock; certificates of scenes are minted for it.
		in := deploy(t, setup{now: group.now})
		current := inCluster(t, "")
		for _, scene := range group.scenes {
			linter, err := scenes.NewLinter(whole(scene.Config))
			if err != nil {
				t.Errorf("%s: %v", scene.File, err)
				continue
			}
			if config := inCluster(t, scene.Config); config != current {
				reconfigure(t, in, config)
				current = config
			}
			(&trial{t: t, scene: &scene, linter: linter, tally: tally}).run()
		}
		remove(t, in)
	}
	tally.report(t)
}

// group are scenes that one installation can judge: the clock does not change while a process runs.
type group struct {
	now    time.Time
	scenes []scenes.Scene
}

func byJudgement(t *testing.T, list []scenes.Scene) []group {
	byClock := map[time.Time][]scenes.Scene{}
	for _, scene := range list {
		byClock[scene.Now] = append(byClock[scene.Now], scene)
	}
	var groups []group
	for _, now := range slices.SortedFunc(maps.Keys(byClock), time.Time.Compare) {
		g := group{now, byClock[now]}
		// One reload for each config.
		slices.SortStableFunc(g.scenes, func(a, b scenes.Scene) int {
			return strings.Compare(inCluster(t, a.Config), inCluster(t, b.Config))
		})
		groups = append(groups, g)
	}
	return groups
}

// inCluster is a config without what only trees need to be told: a cluster's namespaces are all complete. Many scenes differ
// in nothing else. Its values stay as they were written: what reads them knows which is a date and which a word.
func inCluster(t *testing.T, config string) string {
	t.Helper()
	var document yaml.Node
	check(t, yaml.Unmarshal([]byte(whole(config)), &document))
	fields := document.Content[0]
	for i := 0; i < len(fields.Content); i += 2 {
		if fields.Content[i].Value == "complete" {
			fields.Content = slices.Delete(fields.Content, i, i+2)
			break
		}
	}
	text, err := yaml.Marshal(fields)
	check(t, err)
	return string(text)
}

// reconfigure changes the config of a running installation, as `helm upgrade` does, and waits until it is in force.
func reconfigure(t *testing.T, in *install.Installation, config string) {
	t.Helper()
	loads := func() int { return strings.Count(in.Pods()[0].Log(), `"msg":"loaded"`) }
	before := loads()
	check(t, in.Upgrade(t.Context(), setup{config: config}.chartValues()))
	eventually(t, 10*time.Second, "the config is reloaded", func() (bool, string) { return loads() > before, in.Pods()[0].Log() })
}

// tally counts what became of the scenes.
type tally struct {
	scenes, objects, denied, warned, clean int
	// apart are those that could not be compared, each with the reason.
	apart []string
	// late are the objects that were judged rightly only when asked again: caches lag.
	late int
	// unlike are scenes whose comments want other rules than the cluster finds, because a cluster knows what a tree does not.
	unlike []string
}

func (y *tally) report(t *testing.T) {
	t.Helper()
	t.Logf("%d scenes, %d objects judged at both doors: %d denied, %d warned about, %d clean; %d of them only when asked again",
		y.scenes, y.objects, y.denied, y.warned, y.clean, y.late)
	for _, line := range slices.Concat(y.apart, y.unlike) {
		t.Log(line)
	}
	linter, err := scenes.NewLinter(configHeader)
	check(t, err)
	definitions := linter.Rules()
	for _, id := range slices.Sorted(maps.Keys(definitions)) {
		if d := definitions[id]; len(d.Doors) > 0 || d.Admission != rule.Judge {
			t.Logf("declared exception: %s (doors %v, admission %v)", id, d.Doors, d.Admission)
		}
	}
}

// trial is one scene in the cluster.
type trial struct {
	t      *testing.T
	scene  *scenes.Scene
	linter *scenes.Linter
	tally  *tally
	found  []string
}

func (r *trial) fail(format string, args ...any) {
	r.t.Helper()
	r.t.Errorf("%s: %s", r.scene.File, fmt.Sprintf(format, args...))
}

func (r *trial) setApart(format string, args ...any) {
	r.tally.apart = append(r.tally.apart, fmt.Sprintf("not comparable: %s: %s", r.scene.File, fmt.Sprintf(format, args...)))
}

func (r *trial) run() {
	if r.scene.Unreadable != nil {
		r.setApart("kubectl cannot read it: %v", r.scene.Unreadable)
		return
	}
	ctx := r.t.Context()
	objects := make([]*unstructured.Unstructured, 0, len(r.scene.Objects))
	for _, object := range r.scene.Objects {
		stored, err := r.place(ctx, object)
		if err != nil {
			r.setApart("%s: %v", scenes.ID(object), err)
			r.clear(objects)
			return
		}
		objects = append(objects, stored)
	}
	r.tally.scenes++
	for i, object := range objects {
		if r.linter.Judges(object) {
			r.judge(ctx, objects, i)
		}
	}
	r.clear(objects)
	r.compareWants()
}

// place stores an object past the webhooks, as kubectl would store it.
func (r *trial) place(ctx context.Context, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	mapping, err := back.RESTMapper().RESTMapping(object.GroupVersionKind().GroupKind(), object.GroupVersionKind().Version)
	if err != nil {
		if meta.IsNoMatchError(err) {
			return nil, fmt.Errorf("no cluster serves this")
		}
		return nil, err
	}
	object = object.DeepCopy()
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		if object.GetNamespace() == "" {
			object.SetNamespace("default")
		}
		namespace(r.t, object.GetNamespace())
	}
	answer := back.Create(ctx, object)
	return answer.Object, answer.Err
}

func (r *trial) clear(objects []*unstructured.Unstructured) {
	for _, object := range objects {
		check(r.t, back.Delete(r.t.Context(), object))
	}
}

// inSight are the objects that the webhooks can know of: those of the scene, and their namespaces.
func (r *trial) inSight(ctx context.Context, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	all := slices.DeleteFunc(slices.Clone(objects), func(o *unstructured.Unstructured) bool { return !r.linter.Watched(o) })
	seen := map[string]bool{}
	for _, object := range objects {
		name := object.GetNamespace()
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		namespace := &unstructured.Unstructured{}
		namespace.SetAPIVersion("v1")
		namespace.SetKind("Namespace")
		check(r.t, back.Get(ctx, client.ObjectKey{Name: name}, namespace))
		all = append(all, namespace)
	}
	return all
}

// beyond are scenes whose denials rest on more than is read before one, since every kind that makes Secrets is installed here: some
// of their denials are warnings.
var beyond = map[string]bool{"cert-manager/entry-passed-over/bad-gateway.yaml": true}

// patience is how often the webhook is asked again before its answer counts as wrong: it sees the cluster through watches.
var patience = []time.Duration{0, 20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond, time.Second}

// judge takes an object of the scene away, has the API server create it anew, and then has it updated.
func (r *trial) judge(ctx context.Context, objects []*unstructured.Unstructured, index int) {
	object := objects[index]
	fresh := unstored(object)
	var complaint string
	for i, wait := range patience {
		time.Sleep(wait)
		check(r.t, back.Delete(ctx, object))
		answer := admin.Create(ctx, fresh)
		stored := answer
		if answer.Err != nil {
			// What was refused is stored past the webhooks, to see what lint says of it as it would be.
			if stored = back.Create(ctx, fresh); stored.Err != nil {
				r.fail("%s: %v", scenes.ID(object), stored.Err)
				return
			}
		}
		objects[index] = stored.Object
		decisions, err := r.linter.Decisions(ctx, r.scene.Now, r.inSight(ctx, objects))
		if err != nil {
			r.fail("%v", err)
			return
		}
		decision, reviewed := decisions[scenes.ID(object)]
		if !reviewed {
			r.fail("%s: lint does not review it", scenes.ID(object))
			return
		}
		complaint = r.compare(answer, decision)
		if complaint == "" {
			r.count(decision)
			if i > 0 {
				r.tally.late++
			}
			r.update(ctx, stored.Object, decision)
			return
		}
	}
	r.fail("%s: %s", scenes.ID(object), complaint)
}

// unstored is an object as its author would write it.
func unstored(object *unstructured.Unstructured) *unstructured.Unstructured {
	fresh := object.DeepCopy()
	for _, field := range []string{"resourceVersion", "uid", "creationTimestamp", "generation", "managedFields"} {
		unstructured.RemoveNestedField(fresh.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(fresh.Object, "status")
	return fresh
}

func (r *trial) count(decision rule.Decision) {
	r.tally.objects++
	switch {
	case decision.Denied():
		r.tally.denied++
	case len(r.expected(decision, rule.Warn)) > 0:
		r.tally.warned++
	default:
		r.tally.clean++
	}
	for _, f := range decision.Findings {
		r.found = append(r.found, f.Rule)
	}
}

// expected lists the rules by which a decision denies or warns, but for those that the webhook does not judge by, and those
// whose fix the mutating door has made before.
func (r *trial) expected(decision rule.Decision, action rule.Action) []string {
	definitions := r.linter.Rules()
	var rules []string
	for _, f := range decision.Findings {
		d := definitions[f.Rule]
		atAdmission := len(d.Doors) == 0 || slices.Contains(d.Doors, rule.DoorAdmission)
		if f.Action == action && atAdmission && d.Admission == rule.Judge {
			rules = append(rules, f.Rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// compare says how the answer differs from the decision.
func (r *trial) compare(answer requester.Answer, decision rule.Decision) string {
	refusal := answer.Refusal(domain)
	if answer.Err != nil && refusal == "" {
		return fmt.Sprintf("neither accepted nor refused: %v", answer.Err)
	}
	var complaints []string
	differ := func(what string, got, want []string) {
		if !slices.Equal(got, want) {
			complaints = append(complaints, fmt.Sprintf("%s by %v at admission, by %v in lint", what, got, want))
		}
	}
	denials, warnings := r.expected(decision, rule.Deny), r.expected(decision, rule.Warn)
	if beyond[r.scene.File] {
		if refused := rulesIn(refusal); !slices.Equal(joined(refused, denials), denials) {
			differ("denied", refused, denials)
		}
		differ("denied or warned about", joined(rulesIn(refusal), rulesOf(answer.Warnings)), joined(denials, warnings))
	} else {
		differ("denied", rulesIn(refusal), denials)
		differ("warned about", rulesOf(answer.Warnings), warnings)
	}
	if len(complaints) > 0 {
		complaints = append(complaints, fmt.Sprintf("answer: %v %q", answer.Err, answer.Warnings))
	}
	return strings.Join(complaints, "; ")
}

// joined are rules of several lists, each once and in order.
func joined(lists ...[]string) []string {
	rules := slices.Concat(lists...)
	slices.Sort(rules)
	return slices.Compact(rules)
}

// update changes a label of the stored object: what it had before is no reason to refuse that, whatever it is.
func (r *trial) update(ctx context.Context, stored *unstructured.Unstructured, decision rule.Decision) {
	changed := stored.DeepCopy()
	objects.Label(changed, "e2e.tlsward.dev/updated", "true")
	answer := admin.Update(ctx, changed)
	if apierrors.IsConflict(answer.Err) {
		return // status, by an API server's own controller
	}
	if answer.Err != nil {
		r.fail("%s: an update that changes a label: %v", scenes.ID(stored), answer.Err)
		return
	}
	want := joined(r.expected(decision, rule.Deny), r.expected(decision, rule.Warn))
	if got := rulesOf(answer.Warnings); !slices.Equal(got, want) {
		// The mutating door may just have filled in what was missing.
		if !slices.ContainsFunc(want, func(id string) bool { return r.linter.Rules()[id].Default }) {
			r.fail("%s: an update that changes a label: warned about by %v, want %v", scenes.ID(stored), got, want)
		}
	}
}

// compareWants notes where the comments of a scene, which are about a tree, want something else than the cluster finds.
func (r *trial) compareWants() {
	definitions := r.linter.Rules()
	for _, id := range r.scene.Wants {
		d := definitions[id]
		if (len(d.Doors) == 0 || slices.Contains(d.Doors, rule.DoorAdmission)) && d.Admission == rule.Judge && !slices.Contains(r.found, id) {
			r.tally.unlike = append(r.tally.unlike, fmt.Sprintf("in a cluster otherwise: %s wants %s, found %v", r.scene.File, id, r.found))
		}
	}
}
