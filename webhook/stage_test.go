package webhook_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// shipped is the engine as serve makes it without a config.
var shipped = sync.OnceValue(func() *engine.Engine { return engineWith(rule.Settings{}) })

// strict also denies what is missing and commonly made by hand.
var strict = sync.OnceValue(func() *engine.Engine { return engineWith(rule.Settings{Profile: "strict"}) })

func engineWith(s rule.Settings) *engine.Engine { return engineOf(engine.Settings{Rules: s}) }

func engineOf(s engine.Settings) *engine.Engine {
	s.Scope = "this cluster"
	e, err := engine.New(s, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		panic(err)
	}
	return e
}

// stage is a door with a cluster behind it.
type stage struct {
	t    testing.TB
	door *webhook.Door
	mux  *http.ServeMux
	*cluster

	mu       sync.Mutex
	now      time.Time
	outcomes []webhook.Outcome
	overdue  []string
	results  map[string]int // of live reads
}

// open opens a door; change changes its policy.
func open(t testing.TB, change ...func(*webhook.Policy)) *stage {
	t.Helper()
	return openBudget(t, 1000, change...)
}

func openBudget(t testing.TB, liveReads int, change ...func(*webhook.Policy)) *stage {
	t.Helper()
	policy := webhook.Policy{Reviewer: shipped(), PendingGrace: 10 * time.Minute, LiveReads: liveReads}
	for _, c := range change {
		c(&policy)
	}
	s := &stage{t: t, now: noon, cluster: newCluster(policy.Reviewer), results: map[string]int{}}
	s.door = webhook.New(webhook.Options{
		World: s.cluster, Now: s.clock,
		Tell: func(_ context.Context, o webhook.Outcome) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.outcomes = append(s.outcomes, o)
		},
		Overdue: func(_ context.Context, obj kube.Object, findings []rule.Finding) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, f := range findings {
				s.overdue = append(s.overdue, obj.ID.String()+" "+f.Rule)
			}
		},
		Read: func(result string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.results[result]++
		},
	})
	s.door.SetPolicy(policy)
	s.mux = http.NewServeMux()
	for path, handler := range s.door.Handlers() {
		s.mux.Handle(path, handler)
	}
	return s
}

func (s *stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stage) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// last is the outcome that was told last.
func (s *stage) last() webhook.Outcome {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.outcomes) == 0 {
		s.t.Fatal("nothing was told")
	}
	return s.outcomes[len(s.outcomes)-1]
}

// cluster is what the API server holds, and the inventory that lags behind it.
type cluster struct {
	store *inventory.Store

	mu     sync.Mutex
	truth  map[kube.ID]kube.Object
	served map[string]bool
	reads  []string
	// onDemand: Secrets are not in the inventory, and read one by one.
	onDemand bool
	// fails says whether a read of something, "Secret shop/ca" or "ReferenceGrants of infra", fails.
	fails func(what string) error
	// slow is called before a read, without a lock.
	slow func(ctx context.Context, what string)
}

func newCluster(r webhook.Reviewer) *cluster {
	c := &cluster{truth: map[kube.ID]kube.Object{}, served: map[string]bool{}}
	c.store = inventory.New(inventory.Options{Providers: r.Providers(), Cluster: true, Referrers: true})
	if e, ok := r.(*engine.Engine); ok {
		// What runs controllers is in sight too, though nobody waits for it.
		for _, groupKind := range append(e.Needed(), "DaemonSet.apps", "Deployment.apps") {
			c.store.SetComplete(groupKind, "", true)
		}
	}
	return c
}

// put has objects both in the API server and in the inventory; appear in the former only, linger in the latter only.
func (c *cluster) put(objects ...kube.Object) {
	c.appear(objects...)
	c.linger(objects...)
}

func (c *cluster) appear(objects ...kube.Object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, obj := range objects {
		c.truth[obj.ID] = obj
	}
}

func (c *cluster) linger(objects ...kube.Object) {
	for _, obj := range objects {
		c.store.Put(obj)
	}
}

// vanish takes an object out of both.
func (c *cluster) vanish(objects ...kube.Object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, obj := range objects {
		delete(c.truth, obj.ID)
		c.store.Delete(obj.ID)
	}
}

func (c *cluster) serves(groupKinds ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, groupKind := range groupKinds {
		c.served[groupKind] = true
	}
}

func (c *cluster) Snapshot() inventory.Reader { return c.store.Snapshot() }

func (c *cluster) Served(groupKind string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.served[groupKind]
}

func (c *cluster) read(ctx context.Context, what string) error {
	if c.slow != nil {
		c.slow(ctx, what)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads = append(c.reads, what)
	if c.fails != nil {
		if err := c.fails(what); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (c *cluster) Get(ctx context.Context, id kube.ID) (kube.Object, bool, error) {
	if err := c.read(ctx, id.String()); err != nil {
		return kube.Object{}, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	obj, found := c.truth[id]
	return obj, found, nil
}

func (c *cluster) List(ctx context.Context, groupKind, namespace string, limit int64) ([]kube.Object, error) {
	if namespace == "" {
		return nil, errors.New("want a namespace") // as the watcher does
	}
	_, kind := kube.SplitGroupKind(groupKind)
	if err := c.read(ctx, kind+"s of "+namespace); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []kube.Object
	for _, id := range slices.SortedFunc(maps.Keys(c.truth), kube.ID.Compare) {
		if id.GroupKind() == groupKind && id.Namespace == namespace {
			list = append(list, c.truth[id])
		}
	}
	if int64(len(list)) > limit {
		return nil, inventory.ErrTooMany
	}
	return list, nil
}

// looked returns what has been read since it was last asked.
func (c *cluster) looked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	reads := c.reads
	c.reads = nil
	return reads
}

// request is an admission request as the API server makes one.
type request struct {
	path        string // "" is /validate
	timeout     string
	operation   admissionv1.Operation // "" is that which the objects tell
	object, old *kube.Object
	dryRun      bool
	subresource string
	user        string
	uid         string
}

func create(obj kube.Object) request { return request{object: &obj} }

func update(old, obj kube.Object) request { return request{object: &obj, old: &old} }

// answer is what came back.
type answer struct {
	status int
	*admissionv1.AdmissionResponse
}

func (a answer) message() string {
	if a.Result == nil {
		return ""
	}
	return a.Result.Message
}

func (a answer) String() string {
	return fmt.Sprintf("HTTP %d, allowed %t\n%s\nwarnings %s", a.status, a.Allowed, a.message(), strings.Join(a.Warnings, "\n         "))
}

func (r request) review(t testing.TB) []byte {
	t.Helper()
	a := &admissionv1.AdmissionRequest{
		UID: types.UID(r.uid), DryRun: &r.dryRun, SubResource: r.subresource, Operation: r.operation,
		UserInfo: authenticationv1.UserInfo{Username: r.user},
	}
	if a.UID == "" {
		a.UID = "1c2d3e4f-aaaa-4bbb-8ccc-0123456789ab"
	}
	if a.Operation == "" {
		switch {
		case r.old == nil:
			a.Operation = admissionv1.Create
		case r.object == nil:
			a.Operation = admissionv1.Delete
		default:
			a.Operation = admissionv1.Update
		}
	}
	any := r.object
	if any == nil {
		any = r.old
	}
	if any != nil {
		a.Kind = metav1.GroupVersionKind{Group: any.ID.Group, Version: any.Version, Kind: any.ID.Kind}
		a.Name, a.Namespace = any.ID.Name, any.ID.Namespace
	}
	a.Object.Raw, a.OldObject.Raw = raw(t, r.object), raw(t, r.old)
	body, err := json.Marshal(&admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"}, Request: a,
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func raw(t testing.TB, obj *kube.Object) []byte {
	t.Helper()
	if obj == nil {
		return nil
	}
	data, err := json.Marshal(obj.Fields)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (s *stage) ask(r request) answer {
	s.t.Helper()
	path := r.path
	if path == "" {
		path = "/validate"
	}
	if r.timeout == "" {
		r.timeout = "10s"
	}
	return s.post(path+"?timeout="+r.timeout, r.review(s.t))
}

// post sends a body as it is.
func (s *stage) post(path string, body []byte) answer {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		s.t.Fatal(err)
	}
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(text, &review); err != nil || review.Response == nil {
		s.t.Fatalf("HTTP %d, no AdmissionReview: %v\n%s", w.Code, err, text)
	}
	return answer{w.Code, review.Response}
}

// denied asks, and holds the answer against what it should be.
func (s *stage) denied(r request, want bool) answer {
	s.t.Helper()
	a := s.ask(r)
	if a.status != http.StatusOK || a.Allowed == want {
		s.t.Errorf("want denied: %t, got %v", want, a)
	}
	return a
}

// change patches an object through the mutating door as the API server does, and returns what it stores.
func (s *stage) change(r request) (kube.Object, bool) {
	s.t.Helper()
	r.path = "/mutate"
	a := s.ask(r)
	if a.status != http.StatusOK || !a.Allowed {
		s.t.Fatalf("the mutating door refuses: %v", a)
	}
	if a.Patch == nil {
		return *r.object, false
	}
	return parse(s.t, string(patched(s.t, raw(s.t, r.object), a.Patch))), true
}

// patched applies a JSON Patch of adds, replacements and removals to a text, keeping its numbers.
func patched(t testing.TB, text, patch []byte) []byte {
	t.Helper()
	decode := func(data []byte, into any) {
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		if err := decoder.Decode(into); err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
	}
	var document any
	var operations []struct {
		Op, Path string
		Value    any
	}
	decode(text, &document)
	decode(patch, &operations)
	for _, o := range operations {
		steps := strings.Split(strings.TrimPrefix(o.Path, "/"), "/")
		at := document
		for i, step := range steps {
			step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
			fields, ok := at.(map[string]any)
			if !ok {
				t.Fatalf("patch %s %s: no mapping there", o.Op, o.Path)
			}
			_, there := fields[step]
			switch {
			case i < len(steps)-1:
				at = fields[step]
			case o.Op == "add", o.Op == "replace" && there:
				fields[step] = o.Value
			case o.Op == "remove" && there:
				delete(fields, step)
			default:
				t.Fatalf("patch %s %s: cannot be applied", o.Op, o.Path)
			}
		}
	}
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// parse reads one object of YAML or JSON with the numbers that kube.Object has.
func parse(t testing.TB, text string) kube.Object {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if strings.HasPrefix(text, "{\"") {
		data, err = []byte(text), nil // YAMLToJSON would make floats of large numbers
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var fields map[string]any
	if err := utiljson.Unmarshal(data, &fields); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	obj, ok := kube.FromFields(fields)
	if !ok {
		t.Fatalf("no object: %s", text)
	}
	return obj
}

// option changes the fields of an object that is being made.
type option func(fields map[string]any)

func set(value any, path ...string) option {
	return func(fields map[string]any) {
		for _, step := range path[:len(path)-1] {
			next, ok := fields[step].(map[string]any)
			if !ok {
				next = map[string]any{}
				fields[step] = next
			}
			fields = next
		}
		fields[path[len(path)-1]] = value
	}
}

func annotation(key string, value any) option { return set(value, "metadata", "annotations", key) }

// nginx sets an annotation of ingress-nginx.
func nginx(key, value string) option {
	return annotation("nginx.ingress.kubernetes.io/"+key, value)
}

func label(key, value string) option { return set(value, "metadata", "labels", key) }

func created(at time.Time) option {
	return set(at.UTC().Format(time.RFC3339), "metadata", "creationTimestamp")
}

func class(name string) option { return set(name, "spec", "ingressClassName") }

func hosts(names ...string) option {
	var rules []any
	for _, name := range names {
		rules = append(rules, map[string]any{"host": name, "http": map[string]any{"paths": []any{map[string]any{
			"path": "/", "pathType": "Prefix",
			"backend": map[string]any{"service": map[string]any{"name": "api", "port": map[string]any{"number": int64(8080)}}},
		}}}})
	}
	return set(rules, "spec", "rules")
}

// object makes an object; name is namespace/name, or a name alone.
func object(apiVersion, kind, name string, options ...option) kube.Object {
	metadata := map[string]any{"name": name}
	if namespace, short, ok := strings.Cut(name, "/"); ok {
		metadata["namespace"], metadata["name"] = namespace, short
	}
	fields := map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
	for _, o := range options {
		o(fields)
	}
	obj, _ := kube.FromFields(fields)
	return obj
}

// ingress makes an Ingress of class nginx for one host, its name with .test behind it.
func ingress(name string, options ...option) kube.Object {
	_, short, _ := strings.Cut(name, "/")
	return object("networking.k8s.io/v1", "Ingress", name, append([]option{class("nginx"), hosts(short + ".test")}, options...)...)
}

// mtls makes an Ingress that asks clients for certificates of a CA.
func mtls(name, secret string, options ...option) kube.Object {
	// With a spec.tls: without one, port 80 would be open, and each scene would be about that.
	tls := set([]any{map[string]any{}}, "spec", "tls")
	return ingress(name, append([]option{nginx("auth-tls-secret", secret), tls}, options...)...)
}

func ingressClass(name, controller string, options ...option) kube.Object {
	return object("networking.k8s.io/v1", "IngressClass", name, append([]option{set(controller, "spec", "controller")}, options...)...)
}

// nginxConfig makes the ConfigMap of ingress-nginx, of keys and values in turn.
func nginxConfig(keyValues ...string) kube.Object {
	data := map[string]any{}
	for i := 0; i < len(keyValues); i += 2 {
		data[keyValues[i]] = keyValues[i+1]
	}
	return object("v1", "ConfigMap", "ingress-nginx/ingress-nginx-controller", set(data, "data"),
		label("app.kubernetes.io/name", "ingress-nginx"), label("app.kubernetes.io/component", "controller"))
}

func nginxClass() kube.Object { return ingressClass("nginx", "k8s.io/ingress-nginx") }

// secret makes a Secret of keys and values in turn.
func secret(name string, keyValues ...string) kube.Object {
	data := map[string]any{}
	for i := 0; i < len(keyValues); i += 2 {
		data[keyValues[i]] = base64.StdEncoding.EncodeToString([]byte(keyValues[i+1]))
	}
	kind := "Opaque"
	if data["tls.crt"] != nil && data["tls.key"] != nil {
		kind = "kubernetes.io/tls"
	}
	return object("v1", "Secret", name, set(data, "data"), set(kind, "type"))
}

func configMap(name string, keyValues ...string) kube.Object {
	data := map[string]any{}
	for i := 0; i < len(keyValues); i += 2 {
		data[keyValues[i]] = keyValues[i+1]
	}
	return object("v1", "ConfigMap", name, set(data, "data"))
}

// THROW-AWAY certificates. A bundle of depth n has n intermediates below a root.
var (
	mint   = pkitest.New("webhook", noon)
	root   = mint.Root("root")
	first  = mint.Intermediate(root, "first")
	second = mint.Intermediate(first, "second")
	third  = mint.Intermediate(second, "third")
	leaf   = mint.Leaf(root, "api.test", "*.api.test")
)

var (
	shallow = root.CertPEM
	deep    = pkitest.Bundle(root, first, second)
	deepest = pkitest.Bundle(root, first, second, third)
)

// policyOn makes a BackendTLSPolicy for a Service with a CA in a ConfigMap.
func policyOn(name, service, ca string, options ...option) kube.Object {
	return object("gateway.networking.k8s.io/v1", "BackendTLSPolicy", name, append([]option{
		set([]any{map[string]any{"group": "", "kind": "Service", "name": service}}, "spec", "targetRefs"),
		set([]any{map[string]any{"group": "", "kind": "ConfigMap", "name": ca}}, "spec", "validation", "caCertificateRefs"),
		set(service+".test", "spec", "validation", "hostname"),
	}, options...)...)
}

// gateway makes a Gateway with a listener for each certificate, "namespace/name".
func gateway(name string, certificates ...string) kube.Object {
	var listeners []any
	for i, certificate := range certificates {
		namespace, secret, _ := strings.Cut(certificate, "/")
		listeners = append(listeners, map[string]any{
			"name": fmt.Sprintf("l%d", i), "port": int64(443), "protocol": "HTTPS", "hostname": fmt.Sprintf("h%d.api.test", i),
			"tls": map[string]any{"certificateRefs": []any{map[string]any{"group": "", "kind": "Secret", "namespace": namespace, "name": secret}}},
		})
	}
	return object("gateway.networking.k8s.io/v1", "Gateway", name, set("eg", "spec", "gatewayClassName"), set(listeners, "spec", "listeners"))
}

func gatewayClass() kube.Object {
	return object("gateway.networking.k8s.io/v1", "GatewayClass", "eg", set("gateway.envoyproxy.io/gatewayclass-controller", "spec", "controllerName"))
}

// grant lets Gateways of a namespace refer to the Secrets of another.
func grant(name, from string, options ...option) kube.Object {
	return object("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", name, append([]option{
		set([]any{map[string]any{"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": from}}, "spec", "from"),
		set([]any{map[string]any{"group": "", "kind": "Secret"}}, "spec", "to"),
	}, options...)...)
}

func expired() *pkitest.Issued {
	return mint.With(pkitest.NotBefore(noon.AddDate(-2, 0, 0)), pkitest.NotAfter(noon.AddDate(0, 0, -1))).Root("old")
}
