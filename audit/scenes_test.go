package audit_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/audit"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/schema"
)

// shipped is the engine as serve makes it without a config.
var shipped = sync.OnceValue(func() *engine.Engine {
	e, err := engine.New(engine.Settings{Scope: "this cluster"}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		panic(err)
	}
	return e
})

// read parses manifests, with the numbers that kube.Object has, as an API server stores them.
func read(t testing.TB, text []byte) (objects []kube.Object) {
	t.Helper()
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			return nil
		}
		data, err := yaml.YAMLToJSON(document)
		if err != nil {
			return nil // a scene about texts
		}
		var fields map[string]any
		if err := utiljson.Unmarshal(data, &fields); err != nil {
			return nil
		}
		if obj, ok := kube.FromFields(fields); ok && obj.ID.Name != "" {
			if obj.ID.Namespace == "" && !shipped().Providers().Cluster(obj.ID.GroupKind()) {
				obj.ID.Namespace = "default"
			}
			objects = append(objects, schema.Stored(obj))
		}
	}
}

// scene is what a rule's folder shows.
type scene struct {
	file    string
	now     time.Time
	objects []kube.Object
}

var nowLine = regexp.MustCompile(`^# now: (\S+)\n`)

// scenes are those of the rulebook that a cluster can hold.
func scenes(t testing.TB) (list []scene) {
	t.Helper()
	files, err := filepath.Glob("../policies/*/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		match := nowLine.FindSubmatch(text)
		if match == nil {
			continue // what is fixed
		}
		now, err := time.Parse(time.RFC3339, string(match[1]))
		if err != nil {
			t.Fatal(err)
		}
		if objects := read(t, text); len(objects) > 0 {
			list = append(list, scene{strings.TrimPrefix(file, "../policies/"), now, objects})
		}
	}
	if len(list) < 600 {
		t.Fatalf("%d scenes: want those of all rules", len(list))
	}
	return list
}

// clock is a time that tests move.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

// cluster is a store as a watch fills it that has seen everything.
func cluster(objects ...kube.Object) *inventory.Store {
	providers := shipped().Providers()
	store := inventory.New(inventory.Options{Providers: providers, Cluster: true})
	for _, groupKind := range providers.Served() {
		store.SetComplete(groupKind, "", true)
	}
	for _, obj := range objects {
		if slices.Contains(providers.Served(), obj.ID.GroupKind()) {
			store.Put(obj)
		}
	}
	return store
}

func auditing(store *inventory.Store, c *clock) *audit.Auditor {
	a := audit.New(audit.Options{Store: store, Reviewer: shipped(), Now: c.now})
	a.Follow()
	return a
}

// fresh are the verdicts of an audit that knows nothing of the past. It takes the store over.
func fresh(t *testing.T, store *inventory.Store, now time.Time) map[kube.ID]audit.Verdict {
	t.Helper()
	a := auditing(store, &clock{now})
	a.Settle(t.Context())
	return a.Verdicts()
}

func differences(got, want map[kube.ID]audit.Verdict) (list []string) {
	for id := range want {
		if _, ok := got[id]; !ok {
			list = append(list, fmt.Sprintf("%s: no verdict", id))
		}
	}
	for id, v := range got {
		if w, ok := want[id]; !ok {
			list = append(list, fmt.Sprintf("%s: a verdict on what is not there", id))
		} else if !reflect.DeepEqual(v, w) {
			list = append(list, fmt.Sprintf("%s:\n got %+v\nwant %+v", id, v, w))
		}
	}
	slices.Sort(list)
	return list
}

// TestParity: an object of the inventory is judged as the whole object is in that inventory, although less of it is kept.
func TestParity(t *testing.T) {
	t.Parallel()
	compared, apart := 0, 0
	for _, s := range scenes(t) {
		store := cluster(s.objects...)
		verdicts := fresh(t, store, s.now)
		for i, obj := range s.objects {
			if !shipped().Judges(obj) || slices.ContainsFunc(s.objects[i+1:], func(o kube.Object) bool { return o.ID == obj.ID }) {
				continue
			}
			// What is kept of a cluster's Secrets and workloads is for others; admission judges none of them either.
			if group, _ := kube.SplitGroupKind(obj.ID.GroupKind()); (group == "" || group == "apps" || group == "batch") && obj.ID.Kind != "Service" {
				apart++
				continue
			}
			if !slices.Contains(shipped().Providers().Served(), obj.ID.GroupKind()) || shipped().Providers().Workload(obj.ID.GroupKind()) {
				apart++
				continue
			}
			want, err := shipped().Review(t.Context(), engine.Request{
				Object: obj, Inventory: store.Snapshot(), Now: s.now, Door: rule.DoorAudit, Tenant: obj.ID.Namespace != "",
			})
			if err != nil {
				t.Fatal(err)
			}
			got, ok := verdicts[obj.ID]
			if !ok {
				t.Errorf("%s: %s is not judged", s.file, obj.ID)
				continue
			}
			if told := lines(want.Findings); !slices.Equal(texts(got.Findings), told) {
				t.Errorf("%s: %s:\n got %q\nwant %q", s.file, obj.ID, texts(got.Findings), told)
			}
			compared++
		}
	}
	t.Logf("%d objects compared, %d of kinds that are not audited", compared, apart)
	if compared < 1000 {
		t.Errorf("only %d objects compared", compared)
	}
}

func texts(findings []audit.Finding) (list []string) {
	for _, f := range findings {
		list = append(list, f.Rule+" "+f.Path+" "+f.Action.String()+" "+f.Message)
	}
	slices.Sort(list)
	return list
}

func lines(findings []rule.Finding) (list []string) {
	for _, f := range findings {
		message := f.Headline()
		if len(message) > 1<<10 {
			message = message[:1<<10] + "..."
		}
		list = append(list, f.Rule+" "+f.Path.String()+" "+f.Action.String()+" "+message)
	}
	slices.Sort(list)
	return list
}

// TestIncremental: whatever is taken away, put back or changed in a scene, and whatever the time, an audit that judges only whom that
// concerns comes to what one comes to that judges everything.
func TestIncremental(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	all := scenes(t)
	for i, s := range all {
		if i%3 != 0 { // all of them take half a minute of a processor
			continue
		}
		now := &clock{s.now}
		store := cluster(s.objects...)
		a := auditing(store, now)
		a.Settle(t.Context())
		held := map[kube.ID]kube.Object{}
		for _, entry := range s.objects {
			held[entry.ID] = entry
		}
		compare := func(step string, args ...any) bool {
			a.Settle(t.Context())
			objects := slices.Collect(maps.Values(held))
			if list := differences(a.Verdicts(), fresh(t, cluster(objects...), now.Time)); len(list) > 0 {
				t.Errorf("%s: %s:\n%s", s.file, fmt.Sprintf(step, args...), strings.Join(list, "\n"))
				return false
			}
			return true
		}
		served := shipped().Providers().Served()
		for _, obj := range s.objects {
			if !slices.Contains(served, obj.ID.GroupKind()) {
				continue
			}
			whole := held[obj.ID]
			store.Delete(obj.ID)
			delete(held, obj.ID)
			if !compare("without %s", obj.ID) {
				break
			}
			store.Put(whole)
			held[obj.ID] = whole
			if !compare("with %s again", obj.ID) {
				break
			}
			if bare, ok := stripped(whole); ok {
				store.Put(bare)
				held[obj.ID] = bare
				if !compare("with an empty %s", obj.ID) {
					break
				}
				store.Put(whole)
				held[obj.ID] = whole
			}
		}
		// Nothing is remembered of what has been, or it would grow for ever.
		a.Settle(t.Context())
		whole := auditing(cluster(s.objects...), &clock{s.now})
		whole.Settle(t.Context())
		k1, n1, m1 := a.Kept()
		if k2, n2, m2 := whole.Kept(); k1 != k2 || n1 != n2 || m1 != m2 {
			t.Errorf("%s: %d keys of %d objects and %d moments are kept, want %d of %d and %d", s.file, k1, n1, m1, k2, n2, m2)
		}
		for range 3 {
			now.Time = now.Add(time.Duration(random.Int64N(int64(200 * 24 * time.Hour))))
			if !compare("at %s", now) {
				break
			}
		}
	}
}

// stripped is an object of which only its metadata are left.
func stripped(obj kube.Object) (kube.Object, bool) {
	fields := map[string]any{"apiVersion": obj.Fields["apiVersion"], "kind": obj.Fields["kind"], "metadata": obj.Fields["metadata"]}
	if len(fields) == len(obj.Fields) {
		return obj, false
	}
	if obj.ID.Kind == "Secret" && obj.ID.Group == "" {
		fields["type"] = obj.Fields["type"]
	}
	return kube.Object{ID: obj.ID, Version: obj.Version, Fields: fields}, true
}

// TestClock: an audit that sleeps until the moments it has found never misses one: day by day, and around them, it knows what one knows
// that judges everything then.
func TestClock(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	turned := 0
	for i, s := range scenes(t) {
		if i%16 != 0 { // all of them take a minute of a processor
			continue
		}
		store, now := cluster(s.objects...), &clock{s.now}
		a := auditing(store, now)
		a.Settle(t.Context())
		if _, _, moments := a.Kept(); moments == 0 {
			continue
		}
		same := cluster(s.objects...)
		end := s.now.AddDate(1, 2, 0)
		for now.Before(end) {
			step := time.Duration(random.Int64N(int64(20 * 24 * time.Hour)))
			if next, ok := a.Next(); ok && random.IntN(2) == 0 {
				// Right before a moment, at it, or in its minute.
				step = max(next.Sub(now.Time)+time.Duration(random.IntN(3)-1)*time.Second, time.Second)
			}
			before := a.Verdicts()
			now.Time = now.Add(step)
			a.Settle(t.Context())
			got := a.Verdicts()
			if !reflect.DeepEqual(before, got) {
				turned++
			}
			if list := differences(got, fresh(t, same, now.Time)); len(list) > 0 {
				t.Errorf("%s: at %s:\n%s", s.file, now, strings.Join(list, "\n"))
				break
			}
		}
	}
	t.Logf("%d times a verdict turned", turned)
	if turned == 0 {
		t.Error("no verdict has turned")
	}
}
