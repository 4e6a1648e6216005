package publish_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/audit"
	"github.com/tlsward/tlsward/audit/publish"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

var (
	noon    = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	policy  = schema.GroupVersion{Group: "wgpolicyk8s.io", Version: "v1alpha2"}
	reports = schema.GroupVersion{Group: "openreports.io", Version: "v1alpha1"}
)

// api is an API server that keeps reports.
type api struct {
	mu      sync.Mutex
	mapper  *meta.DefaultRESTMapper
	stored  map[string]*unstructured.Unstructured // by kind, namespace and name
	writes  int
	refuses int
	events  []string
	// gone are groups whose CRDs were removed, which a mapper does not notice, and ending the namespaces that end.
	gone, ending map[string]bool
}

// missing is the answer where a kind, or a namespace to write to, is not there; nil where both are.
func (a *api) missing(group, namespace string) error {
	switch {
	case a.gone[group]:
		return apierrors.NewGenericServerResponse(http.StatusNotFound, "get", schema.GroupResource{Group: group}, "", "404 page not found", 0, true)
	case a.ending[namespace]:
		err := apierrors.NewForbidden(schema.GroupResource{Group: group}, "tlsward", errors.New("it is being terminated"))
		err.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause, Field: "metadata.namespace"}}
		return err
	}
	return nil
}

// change does something that the API server does not notice at once.
func (a *api) change(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
}

func serving(versions ...schema.GroupVersion) *api {
	a := &api{mapper: meta.NewDefaultRESTMapper(versions), stored: map[string]*unstructured.Unstructured{}}
	for _, version := range versions {
		prefix := map[string]string{policy.Group: "Policy", reports.Group: ""}[version.Group]
		a.mapper.Add(version.WithKind(prefix+"Report"), meta.RESTScopeNamespace)
		a.mapper.Add(version.WithKind("Cluster"+prefix+"Report"), meta.RESTScopeRoot)
	}
	return a
}

func key(o client.Object) string {
	return o.GetObjectKind().GroupVersionKind().Kind + " " + o.GetNamespace() + "/" + o.GetName()
}

func (a *api) RESTMapper() meta.RESTMapper { return a.mapper }

func (a *api) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var o client.ListOptions
	o.ApplyOptions(options)
	kind := list.GetObjectKind().GroupVersionKind()
	of := kind.GroupVersion().WithKind(strings.TrimSuffix(kind.Kind, "List"))
	if err := a.missing(of.Group, ""); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(a.stored)) {
		object := a.stored[name].DeepCopy()
		if object.GroupVersionKind() != of || !o.LabelSelector.Matches(labelSet(object.GetLabels())) {
			continue
		}
		switch into := list.(type) {
		case *unstructured.UnstructuredList:
			into.Items = append(into.Items, *object)
		case *metav1.PartialObjectMetadataList:
			into.Items = append(into.Items, metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
				Name: object.GetName(), Namespace: object.GetNamespace(), Annotations: object.GetAnnotations(),
			}})
		}
	}
	return nil
}

type labelSet map[string]string

func (l labelSet) Has(label string) bool              { _, ok := l[label]; return ok }
func (l labelSet) Get(label string) string            { return l[label] }
func (l labelSet) Lookup(label string) (string, bool) { value, ok := l[label]; return value, ok }

func (a *api) Apply(_ context.Context, obj runtime.ApplyConfiguration, _ ...client.ApplyOption) error {
	data, err := json.Marshal(obj)
	if err != nil {
		return err
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(data); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refuses > 0 {
		a.refuses--
		return errors.New("out of order")
	}
	if err := a.missing(object.GroupVersionKind().Group, object.GetNamespace()); err != nil {
		return err
	}
	a.writes++
	a.stored[key(object)] = object
	return nil
}

func (a *api) Delete(_ context.Context, obj client.Object, _ ...client.DeleteOption) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.missing(obj.GetObjectKind().GroupVersionKind().Group, ""); err != nil {
		return err
	}
	a.writes++
	delete(a.stored, key(obj))
	return nil
}

func (a *api) Eventf(regarding, _ runtime.Object, kind, reason, _, note string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	about, _ := regarding.(*unstructured.Unstructured)
	text := fmt.Sprintf(note, args...)
	if len(text) > 1024 {
		text = "TOO LONG"
	}
	a.events = append(a.events, fmt.Sprint(kind, " ", reason, " ", about.GetKind(), " ", about.GetNamespace(), "/", about.GetName(), ": ", text))
}

// said takes the Events that were sent.
func (a *api) said() (events []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	events, a.events = a.events, nil
	slices.Sort(events)
	return events
}

func (a *api) names() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(maps.Keys(a.stored))
}

func (a *api) report(name string) *unstructured.Unstructured {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.stored[name].DeepCopy()
}

// judge finds in an object what its annotations say: rule to severity and message.
type judge struct{}

func (judge) JudgesEntry(*inventory.Entry) bool { return true }

func (judge) Review(_ context.Context, r engine.Request) (decision rule.Decision, err error) {
	annotations, _ := kube.Lookup(r.Object.Fields, kube.Path{"metadata", "annotations"})
	all, _ := annotations.(map[string]any)
	for _, id := range kube.SortedKeys(all) {
		message, _ := all[id].(string)
		f := rule.Finding{Rule: id, Object: r.Object.ID, Path: kube.Path{"spec"}, Message: message, Remedy: "mend it"}
		switch {
		case strings.HasPrefix(id, "mild/"):
			f.Severity, f.Action = rule.Warning, rule.Warn
		case strings.HasPrefix(id, "blind/"):
			f.Severity, f.Action, f.Unknown = rule.Info, rule.Note, true
		case id == "none/none":
			return decision, errors.New(message)
		}
		decision.Findings = append(decision.Findings, f)
	}
	if r.Object.ID.Name == "web" {
		decision.Certificates = []rule.Certificate{
			{Role: "client-ca", Target: kube.ID{Kind: "Secret", Namespace: "shop", Name: "ca"}, Key: "ca.crt", CA: true, NotAfter: noon.Add(time.Hour), Due: noon.Add(-time.Minute)},
			{Role: "server", Target: kube.ID{Kind: "Secret", Namespace: "shop", Name: "tls"}, Key: "tls.crt", NotAfter: noon.Add(2 * time.Hour), Due: noon.Add(time.Hour)},
		}
	}
	return decision, nil
}

// stage is a publisher at work.
type stage struct {
	*publish.Publisher
	t     *testing.T
	api   *api
	store *inventory.Store
	stop  func()
	// log is what was logged.
	log *lines
}

// lines are those of a log.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

func open(t *testing.T, a *api, store *inventory.Store) *stage {
	t.Helper()
	s := &stage{t: t, api: a, store: store, log: &lines{}}
	auditor := audit.New(audit.Options{
		Store: store, Reviewer: judge{}, Now: func() time.Time { return noon },
		Tell: func(before, now audit.Verdict) { s.Tell(before, now) },
	})
	s.Publisher = publish.New(publish.Options{Auditor: auditor, Client: a, Events: a, Log: slog.New(slog.NewTextHandler(s.log, nil))})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	s.stop = func() { cancel(); <-ended }
	t.Cleanup(s.stop)
	return s
}

func empty() *inventory.Store {
	return inventory.New(inventory.Options{Providers: provider.NewSet(nil), Cluster: true})
}

// put makes an object with findings, "rule: message" each.
func put(store *inventory.Store, namespace, name string, findings ...string) {
	annotations := map[string]any{}
	for _, f := range findings {
		id, message, _ := strings.Cut(f, ": ")
		annotations[id] = message
	}
	store.Put(kube.Object{
		ID: kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: namespace, Name: name}, Version: "v1",
		Fields: map[string]any{"metadata": map[string]any{"name": name, "uid": "uid-of-" + name, "annotations": annotations}},
	})
}

func (s *stage) until(what string, is func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("not %s: reports %q", what, s.api.names())
		}
	}
}

func (s *stage) untilReports(names ...string) {
	s.t.Helper()
	s.until(fmt.Sprint("reports ", names), func() bool { return slices.Equal(s.api.names(), names) })
}

// TestReports: a report for each namespace with findings, written when it changes and at no other time, and gone with the last of them.
func TestReports(t *testing.T) {
	t.Parallel()
	a, store := serving(policy), empty()
	// Somebody else's, and one of a namespace that is clean by now.
	foreign := &unstructured.Unstructured{Object: map[string]any{"apiVersion": policy.String(), "kind": "PolicyReport", "metadata": map[string]any{"name": "cis", "namespace": "shop"}}}
	a.stored[key(foreign)] = foreign
	stale := &unstructured.Unstructured{Object: map[string]any{"apiVersion": policy.String(), "kind": "PolicyReport", "metadata": map[string]any{
		"name": "tlsward", "namespace": "past", "labels": map[string]any{"app.kubernetes.io/managed-by": "tlsward", "app.kubernetes.io/component": "audit"},
	}}}
	a.stored[key(stale)] = stale
	put(store, "shop", "web", "grave/one: it is \x1b[31mbroken\x07", "mild/two: it may be", "blind/three: who knows")
	put(store, "shop", "odd", "none/none: no verdict")
	put(store, "calm", "fine")
	put(store, "", "wide", "grave/one: all of it")
	s := open(t, a, store)
	s.untilReports("ClusterPolicyReport /tlsward", "PolicyReport shop/cis", "PolicyReport shop/tlsward")
	shop := a.report("PolicyReport shop/tlsward")
	text, err := json.Marshal(shop.Object)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"summary":{"error":1,"fail":1,"pass":0,"skip":1,"warn":1}`, `"policy":"grave/one"`, `"result":"fail"`, `"scored":true`, `"severity":"high"`,
		`"uid":"uid-of-web"`, `"apiVersion":"networking.k8s.io/v1"`, `help: mend it`, `could not be judged: no verdict`, `"path":"spec"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if strings.Contains(string(text), `\u001b`) || strings.Contains(string(text), `\u0007`) {
		t.Errorf("control characters in %s", text)
	}
	writes := func() int {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.writes
	}
	before := writes()
	put(store, "calm", "fine", "grave/one: now too")
	s.untilReports("ClusterPolicyReport /tlsward", "PolicyReport calm/tlsward", "PolicyReport shop/cis", "PolicyReport shop/tlsward")
	store.Delete(kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "calm", Name: "fine"})
	store.Delete(kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Name: "wide"})
	s.untilReports("PolicyReport shop/cis", "PolicyReport shop/tlsward")
	if got := writes() - before; got != 3 {
		t.Errorf("%d writes, want one for each change", got)
	}
	// Who leads next writes nothing that stands there already.
	s.stop()
	before = writes()
	s = open(t, a, store)
	put(store, "new", "web", "grave/one: x")
	s.untilReports("PolicyReport new/tlsward", "PolicyReport shop/cis", "PolicyReport shop/tlsward")
	if got := writes() - before; got != 1 {
		t.Errorf("%d writes, want one", got)
	}
}

// TestRestored: a report that somebody deletes or writes over comes back.
func TestRestored(t *testing.T) {
	t.Parallel()
	a, store := serving(policy), empty()
	put(store, "shop", "web", "grave/one: x")
	s := open(t, a, store)
	s.untilReports("PolicyReport shop/tlsward")
	for _, spoil := range []func(){
		func() { delete(a.stored, "PolicyReport shop/tlsward") },
		func() { a.stored["PolicyReport shop/tlsward"].SetAnnotations(nil) },
	} {
		a.mu.Lock()
		spoil()
		a.mu.Unlock()
		s.Look(t.Context())
		s.until("restored", func() bool {
			return slices.Equal(a.names(), []string{"PolicyReport shop/tlsward"}) && a.report("PolicyReport shop/tlsward").GetAnnotations() != nil
		})
	}
}

// TestOpenReports: where the successor is installed it is written, and the old reports go.
func TestOpenReports(t *testing.T) {
	t.Parallel()
	a, store := serving(policy), empty()
	put(store, "shop", "web", "grave/one: x")
	s := open(t, a, store)
	s.untilReports("PolicyReport shop/tlsward")
	s.stop()
	both := serving(policy, reports)
	both.stored = a.stored
	s = open(t, both, store)
	s.untilReports("Report shop/tlsward")
	if source := both.report("Report shop/tlsward").Object["source"]; source != "tlsward" {
		t.Errorf("source %v", source)
	}
}

// TestKindRemoved: when the CRDs of reports are removed it is said once, and when they come back reports do. Where only the preferred
// ones go, the others are written.
func TestKindRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, store := serving(policy), empty()
		a.gone = map[string]bool{}
		for i := range 20 {
			put(store, fmt.Sprint("team-", i), "web", "grave/one: x")
		}
		s := open(t, a, store)
		s.until("written", func() bool { return len(a.names()) == 20 })
		a.change(func() { a.gone[policy.Group] = true; clear(a.stored) })
		for i := range 20 {
			put(store, fmt.Sprint("team-", i), "web", "grave/one: y")
		}
		time.Sleep(20 * time.Minute)
		if warned, told := s.log.count("level=WARN"), s.log.count("no kind of report is installed"); warned > 0 || told != 1 {
			t.Errorf("%d warnings, told %d times:\n%s", warned, told, s.log.text.String())
		}
		a.change(func() { clear(a.gone) })
		time.Sleep(2 * time.Minute)
		if got := len(a.names()); got != 20 {
			t.Errorf("%d reports after the kind came back", got)
		}
		s.stop()
	})
	synctest.Test(t, func(t *testing.T) {
		a, store := serving(policy, reports), empty()
		a.gone = map[string]bool{}
		put(store, "shop", "web", "grave/one: x")
		s := open(t, a, store)
		s.untilReports("Report shop/tlsward")
		a.change(func() { a.gone[reports.Group] = true; clear(a.stored) })
		put(store, "shop", "web", "grave/one: y")
		time.Sleep(2 * time.Second)
		if names := a.names(); !slices.Equal(names, []string{"PolicyReport shop/tlsward"}) {
			t.Errorf("reports %q", names)
		}
		s.stop()
	})
}

// TestNamespaceEnds: a namespace that ends takes no report, for as long as that lasts, and that is no news.
func TestNamespaceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, store := serving(policy), empty()
		a.ending = map[string]bool{"past": true}
		put(store, "past", "web", "grave/one: x")
		s := open(t, a, store)
		time.Sleep(10 * time.Minute)
		if s.log.count("level=WARN") > 0 {
			t.Error(s.log.text.String())
		}
		if failed := value(t, s, "tlsward_audit_reports_total", "result", "failed"); failed == 0 || failed > 11 {
			t.Errorf("tried %v times", failed)
		}
		s.stop()
	})
}

// TestNothingKept: of namespaces about which there is nothing to say nothing is kept, with reports and without, nor anything by who
// does not lead.
func TestNothingKept(t *testing.T) {
	for name, a := range map[string]*api{"reports": serving(policy), "none": serving()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := empty()
				s := open(t, a, store)
				s.until("judged", func() bool { return !s.Auditor.Stats().Judged.IsZero() })
				for i := range 30 {
					namespace := fmt.Sprint("review-", i)
					put(store, namespace+"-fine", "web")
					put(store, namespace, "web", "grave/one: x")
					time.Sleep(time.Duration(i) * 50 * time.Millisecond) // some before a report is written
					store.Delete(kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: namespace, Name: "web"})
				}
				put(store, "shop", "web", "grave/one: x")
				time.Sleep(10 * time.Second)
				if kept := s.Kept(); kept > 1 {
					t.Errorf("%d namespaces are kept", kept)
				}
				s.stop()
				if kept := s.Kept(); kept > 0 {
					t.Errorf("%d namespaces are kept by who does not lead", kept)
				}
			})
		})
	}
}

// TestBounds: a report says that it does not hold everything, and its summary counts all.
func TestBounds(t *testing.T) {
	t.Parallel()
	a, store := serving(policy), empty()
	for i := range 1500 {
		put(store, "shop", fmt.Sprintf("web-%04d", i), fmt.Sprintf("mild/one: %d", i))
	}
	put(store, "shop", "zzz", "grave/one: x")
	for i := range 900 {
		put(store, "long", fmt.Sprint("web-", i), "mild/one: "+strings.Repeat("ä", 5000))
	}
	s := open(t, a, store)
	s.untilReports("PolicyReport long/tlsward", "PolicyReport shop/tlsward")
	shop := a.report("PolicyReport shop/tlsward")
	results, _, err := unstructured.NestedSlice(shop.Object, "results")
	if err != nil || len(results) != 1001 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	first, last := fmt.Sprint(results[0]), fmt.Sprint(results[1000])
	if !strings.Contains(first, "grave/one") || !strings.Contains(last, "501 further results") {
		t.Errorf("first %s, last %s", first, last)
	}
	if warned, _, err := unstructured.NestedInt64(shop.Object, "summary", "warn"); err != nil || warned != 1500 {
		t.Errorf("the summary counts %d, %v", warned, err)
	}
	text, err := json.Marshal(a.report("PolicyReport long/tlsward"))
	if err != nil || len(text) > 1200<<10 || !strings.Contains(string(text), "further results") {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

// TestEvents: what appears and what is mended is told once, also over restarts, and of what nobody can judge any more not that it is
// mended.
func TestEvents(t *testing.T) {
	t.Parallel()
	a, store := serving(policy), empty()
	put(store, "shop", "web", "grave/one: broken", "mild/two: may be")
	s := open(t, a, store)
	expect := func(what string, want ...string) {
		t.Helper()
		var got []string
		s.until(what, func() bool {
			got = append(got, a.said()...)
			return len(got) >= len(want)
		})
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", what, got, want)
		}
	}
	expect("what was there", "Warning PolicyViolation Ingress shop/web: broken (grave/one)")
	s.untilReports("PolicyReport shop/tlsward")
	put(store, "shop", "web", "grave/one: broken in 2 places", "grave/four: "+strings.Repeat("long ", 400))
	expect("another", "Warning PolicyViolation Ingress shop/web: "+strings.Repeat("long ", 180)+" (grave/four)")
	put(store, "shop", "web", "grave/one: broken", "blind/three: who knows")
	expect("blind", "Warning PolicyNotJudged Ingress shop/web: who knows (blind/three)")
	put(store, "shop", "web")
	expect("mended", "Normal PolicyNotJudgedResolved Ingress shop/web: no longer: who knows (blind/three)",
		"Normal PolicyViolationResolved Ingress shop/web: no longer: broken (grave/one)",
		"Normal PolicyViolationResolved Ingress shop/web: no longer: "+strings.Repeat("long ", 180)+" (grave/four)")
	put(store, "shop", "web", "grave/one: again")
	expect("again", "Warning PolicyViolation Ingress shop/web: again (grave/one)")
	s.untilReports("PolicyReport shop/tlsward")
	s.stop()
	// While nobody led, another broke.
	put(store, "shop", "api", "grave/one: too")
	s = open(t, a, store)
	expect("what is new since", "Warning PolicyViolation Ingress shop/api: too (grave/one)")
	s.stop()
	// Without reports nobody knows what is new.
	silent := serving()
	s = open(t, silent, store)
	s.until("judged", func() bool { return !s.Auditor.Stats().Judged.IsZero() })
	time.Sleep(time.Second)
	put(store, "shop", "last", "grave/one: new")
	a = silent
	expect("what changes then", "Warning PolicyViolation Ingress shop/last: new (grave/one)")
}

// TestOutOfSight: while touch with the API server is lost, much cannot be judged. What was told before is not told again when it is seen
// again, and is mended only when it is seen to be.
func TestOutOfSight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, store := serving(policy), empty()
		const lost, found = "Warning PolicyNotJudged Ingress shop/web: who knows (blind/three)", "Normal PolicyNotJudgedResolved Ingress shop/web: no longer: who knows (blind/three)"
		s := open(t, a, store)
		for _, step := range []struct {
			findings []string
			want     []string
		}{
			{[]string{"grave/one: x"}, []string{"Warning PolicyViolation Ingress shop/web: x (grave/one)"}},
			{[]string{"blind/three: who knows"}, []string{lost}},
			{[]string{"blind/three: who knows", "grave/two: y"}, []string{"Warning PolicyViolation Ingress shop/web: y (grave/two)"}},
			{[]string{"blind/three: who knows"}, []string{"Normal PolicyViolationResolved Ingress shop/web: no longer: y (grave/two)"}},
			{[]string{"grave/one: x"}, []string{found}},
			{[]string{"blind/three: who knows"}, []string{lost}},
			{nil, []string{found, "Normal PolicyViolationResolved Ingress shop/web: no longer: x (grave/one)"}},
			{[]string{"grave/one: x"}, []string{"Warning PolicyViolation Ingress shop/web: x (grave/one)"}},
		} {
			put(store, "shop", "web", step.findings...)
			time.Sleep(2 * time.Second)
			if got := a.said(); !slices.Equal(got, step.want) {
				t.Errorf("%q:\n got %q\nwant %q", step.findings, got, step.want)
			}
		}
		s.stop()
	})
}

// TestManyEvents: a CA of all namespaces that expires is no flood.
func TestManyEvents(t *testing.T) {
	t.Parallel()
	a, store := serving(policy), empty()
	for i := range 2000 {
		put(store, fmt.Sprint("team-", i%3), fmt.Sprint("web-", i), "grave/one: x")
	}
	s := open(t, a, store)
	s.until("told", func() bool { return value(t, s, "tlsward_audit_events_total", "result", "dropped") > 0 })
	s.untilReports("PolicyReport team-0/tlsward", "PolicyReport team-1/tlsward", "PolicyReport team-2/tlsward")
	if got := len(a.said()); got > 150 {
		t.Errorf("%d Events at once", got)
	}
}

// TestToldOnce: what was told is not told again by who leads next: neither what a report had no room for, nor what stands in a report of
// the kind that was there before.
func TestToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, store := serving(policy), empty()
		for i := range 1100 {
			put(store, "many", fmt.Sprint("web-", i), "grave/one: x")
		}
		put(store, "shop", "web", "grave/one: x")
		s := open(t, a, store)
		s.untilReports("PolicyReport many/tlsward", "PolicyReport shop/tlsward")
		if lost := 1101 - len(a.said()); value(t, s, "tlsward_audit_events_total", "result", "dropped") != float64(lost) {
			t.Errorf("%d Events were not sent, and not counted", lost)
		}
		s.stop()
		time.Sleep(time.Hour)
		s = open(t, a, store)
		time.Sleep(time.Minute)
		if again := a.said(); len(again) > 0 {
			t.Errorf("told again: %d, %q", len(again), again[0])
		}
		s.stop()
		both := serving(policy, reports)
		both.stored = a.stored
		s = open(t, both, store)
		s.untilReports("Report many/tlsward", "Report shop/tlsward")
		time.Sleep(time.Minute)
		if again := both.said(); len(again) > 0 {
			t.Errorf("told again with another kind of report: %d, %q", len(again), again[0])
		}
		s.stop()
	})
}

// TestLongNotes: an Event's note ends with a whole character.
func TestLongNotes(t *testing.T) {
	t.Parallel()
	a, store := serving(policy), empty()
	put(store, "shop", "web", "grave/one: x"+strings.Repeat("ä", 600))
	s := open(t, a, store)
	s.untilReports("PolicyReport shop/tlsward")
	if said := a.said(); len(said) != 1 || !utf8.ValidString(said[0]) {
		t.Errorf("said %q", said)
	}
}

// TestRefused: what the API server does not take is tried again.
func TestRefused(t *testing.T) {
	t.Parallel()
	a, store := serving(policy), empty()
	a.refuses = 1
	put(store, "shop", "web", "grave/one: x")
	s := open(t, a, store)
	s.until("failed", func() bool { return value(t, s, "tlsward_audit_reports_total", "result", "failed") == 1 })
	s.untilReports("PolicyReport shop/tlsward")
}

// TestMetrics: what stands in the cluster, and until when certificates are good; of a replica that does not lead nothing.
func TestMetrics(t *testing.T) {
	t.Parallel()
	a, store := serving(policy), empty()
	put(store, "shop", "web", "grave/one: x", "mild/two: y")
	put(store, "shop", "api", "grave/one: x")
	s := open(t, a, store)
	s.untilReports("PolicyReport shop/tlsward")
	for _, test := range []struct {
		name, label, value string
		want               float64
	}{
		{"tlsward_audit_leader", "", "", 1},
		{"tlsward_audit_findings", "rule", "grave/one", 2},
		{"tlsward_audit_findings", "severity", "warning", 1},
		{"tlsward_audit_findings", "namespace", "shop", 3},
		{"tlsward_audit_objects", "", "", 2},
		{"tlsward_audit_queue", "", "", 0},
		{"tlsward_audit_reviews_total", "", "", 2},
		{"tlsward_ca_not_after_seconds", "role", "client-ca", float64(noon.Add(time.Hour).Unix())},
		{"tlsward_certificate_not_after_seconds", "target", "Secret shop/tls", float64(noon.Add(2 * time.Hour).Unix())},
		{"tlsward_certificate_renewal_overdue_seconds", "", "", 60},
	} {
		if got := value(t, s, test.name, test.label, test.value); got != test.want {
			t.Errorf("%s %s=%s: got %v, want %v", test.name, test.label, test.value, got, test.want)
		}
	}
	put(store, "shop", "odd", "none/none: cannot be judged")
	s.until("told after a while", func() bool { return value(t, s, "tlsward_audit_report_delay_seconds", "", "") == 1 })
	if got := value(t, s, "tlsward_audit_failing", "", ""); got != 1 {
		t.Errorf("%v objects fail, want 1", got)
	}
	s.stop()
	for _, name := range []string{"tlsward_audit_leader", "tlsward_audit_findings", "tlsward_ca_not_after_seconds"} {
		if got := value(t, s, name, "", ""); got != 0 {
			t.Errorf("after the lead was lost, %s is %v", name, got)
		}
	}
}

// value sums up a metric's series with a label; of histograms, how many were counted.
func value(t *testing.T, s *stage, name, label, want string) (sum float64) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(s.Collector(func() time.Time { return noon })); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			has := label == ""
			for _, l := range metric.GetLabel() {
				has = has || l.GetName() == label && l.GetValue() == want
			}
			if family.GetName() == name && has {
				sum += metric.GetGauge().GetValue() + metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}
