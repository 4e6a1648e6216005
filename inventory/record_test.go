package inventory

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/provider"
)

// inCluster is a store as a cluster's watch fills it, which has seen all Secrets and Ingresses.
func inCluster(t *testing.T, objects ...kube.Object) *Store {
	t.Helper()
	store := New(Options{Providers: providers(t), Cluster: true})
	for _, groupKind := range []string{"Secret", "Ingress.networking.k8s.io", "IngressClass.networking.k8s.io"} {
		store.SetComplete(groupKind, "", true)
	}
	for _, obj := range objects {
		store.Put(obj)
	}
	return store
}

func certificate(name, makes string) kube.Object {
	return object("cert-manager.io/v1", "Certificate", "shop", name, map[string]any{"spec": map[string]any{"secretName": makes}})
}

// TestRecorder: what is asked is noted once, in order, whichever way it is asked; what is listed is not.
func TestRecorder(t *testing.T) {
	store := inCluster(t, secret("shop/", "x"), secret("shop", "ca"), ingress("shop", "web", "a.test"))
	recorder := Record(store.Snapshot())
	for _, name := range []string{"ca", "none", "ca", "other"} {
		if got, want := recorder.Get(ref("Secret", "shop", name)).Presence, store.Snapshot().Get(ref("Secret", "shop", name)).Presence; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	recorder.Kind("Secret", "shop", kube.ID{})
	recorder.Sharing("host", "a.test")
	if got := fmt.Sprint(recorder.Asked()); got != "[Secret shop/ca Secret shop/none Secret shop/other]" {
		t.Errorf("asked %s", got)
	}
	// Through what is laid over it, as a review does.
	recorder = Record(store.Snapshot())
	over := Overlay(recorder, Options{Providers: providers(t)}, ingress("shop", "new", "a.test"))
	over.Get(ref("Secret", "shop", "none"))
	if got := over.Get(Ref{To: ingress("shop", "new", "").ID}); got.Presence != Present {
		t.Errorf("the object itself: %s", got.Presence)
	}
	if got := fmt.Sprint(recorder.Asked()); got != "[Secret shop/none]" {
		t.Errorf("asked %s", got)
	}
	// A caller may keep the list.
	asked := recorder.Asked()
	recorder.Get(ref("Secret", "shop", "more"))
	if len(asked) != 1 {
		t.Errorf("the list has changed: %v", asked)
	}
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() { recorder.Get(ref("Secret", "shop", fmt.Sprint(i%10))); recorder.Asked() })
	}
	wait.Wait()
	if got := len(recorder.Asked()); got != 12 {
		t.Errorf("%d asked", got)
	}
}

// TestCorrect: what somebody looked up elsewhere counts for more than what is cached.
func TestCorrect(t *testing.T) {
	web := ingress("shop", "web", "a.test")
	for _, test := range []struct {
		name       string
		cached     []kube.Object
		correction Correction
		ref        Ref
		want       Presence
		hosts      string // names of the Ingresses on a.test
	}{
		{name: "nothing", ref: ref("Secret", "shop", "ca"), want: Absent},
		{name: "it has come", correction: Correction{Present: []kube.Object{secret("shop", "ca")}}, ref: ref("Secret", "shop", "ca"), want: Present},
		{name: "another one has come", correction: Correction{Present: []kube.Object{secret("shop", "ca-2")}}, ref: ref("Secret", "shop", "ca"), want: Absent},
		{name: "it has gone", cached: []kube.Object{secret("shop", "ca")}, correction: Correction{Absent: []kube.ID{secret("shop", "ca").ID}}, ref: ref("Secret", "shop", "ca"), want: Absent},
		{name: "nobody knows", cached: []kube.Object{secret("shop", "ca")}, correction: Correction{Unknown: []kube.ID{secret("shop", "ca").ID}}, ref: ref("Secret", "shop", "ca"), want: Unknown},
		{name: "nobody knows of what is not cached", correction: Correction{Unknown: []kube.ID{secret("shop", "ca").ID}}, ref: ref("Secret", "shop", "ca"), want: Unknown},
		{name: "it is not there, but promised", cached: []kube.Object{certificate("c", "ca")}, correction: Correction{Absent: []kube.ID{secret("shop", "ca").ID}}, ref: ref("Secret", "shop", "ca"), want: Promised},
		{name: "what promised it has gone", cached: []kube.Object{certificate("c", "ca")}, correction: Correction{Absent: []kube.ID{certificate("c", "").ID}}, ref: ref("Secret", "shop", "ca"), want: Absent},
		{name: "what promises it has come", correction: Correction{Present: []kube.Object{certificate("c", "ca")}}, ref: ref("Secret", "shop", "ca"), want: Promised},
		{name: "what promised it promises another", cached: []kube.Object{certificate("c", "ca")}, correction: Correction{Present: []kube.Object{certificate("c", "ca-2")}}, ref: ref("Secret", "shop", "ca"), want: Absent},
		{name: "there and not there: there", correction: Correction{Present: []kube.Object{secret("shop", "ca")}, Absent: []kube.ID{secret("shop", "other").ID}}, ref: ref("Secret", "shop", "ca"), want: Present},
		{name: "of a kind that has not been seen whole", ref: ref("ConfigMap", "shop", "ca"), want: Unknown},
		{name: "of one that has not, and has been looked for", correction: Correction{Absent: []kube.ID{{Kind: "ConfigMap", Namespace: "shop", Name: "ca"}}}, ref: ref("ConfigMap", "shop", "ca"), want: Absent},
		{name: "of one that has not, and its sibling was found", correction: Correction{Present: []kube.Object{object("v1", "ConfigMap", "shop", "ca-2", nil)}}, ref: ref("ConfigMap", "shop", "ca"), want: Unknown},
		{name: "a peer moved away", cached: []kube.Object{web}, correction: Correction{Present: []kube.Object{ingress("shop", "web", "b.test")}}, ref: Ref{To: web.ID}, want: Present},
		{name: "a peer moved here", cached: []kube.Object{ingress("shop", "web", "b.test")}, correction: Correction{Present: []kube.Object{web}}, ref: Ref{To: web.ID}, want: Present, hosts: "web"},
		{name: "a peer has gone", cached: []kube.Object{web, ingress("desk", "web", "a.test")}, correction: Correction{Absent: []kube.ID{web.ID}}, ref: Ref{To: web.ID}, want: Absent, hosts: "web"},
		{name: "a peer of whom nobody knows", cached: []kube.Object{web}, correction: Correction{Unknown: []kube.ID{web.ID}}, ref: Ref{To: web.ID}, want: Unknown},
		{name: "peers in order", cached: []kube.Object{ingress("shop", "c", "a.test"), ingress("shop", "a", "a.test")}, correction: Correction{Present: []kube.Object{ingress("shop", "b", "a.test")}}, ref: Ref{To: web.ID}, want: Absent, hosts: "a b c"},
	} {
		t.Run(test.name, func(t *testing.T) {
			base := inCluster(t, test.cached...).Snapshot()
			before := base.Get(test.ref).Presence
			got := Correct(base, Options{Providers: providers(t)}, test.correction)
			if p := got.Get(test.ref).Presence; p != test.want {
				t.Errorf("got %s, want %s", p, test.want)
			}
			// And as a review sees it, with the object over it, and a recorder between.
			seen := Overlay(Record(got), Options{Providers: providers(t)}, ingress("shop", "reviewed", "elsewhere.test"))
			if p := seen.Get(test.ref).Presence; p != test.want {
				t.Errorf("below an object: got %s, want %s", p, test.want)
			}
			var names []string
			for _, entry := range seen.Sharing("host", "a.test") {
				names = append(names, entry.ID.Name)
			}
			if strings.Join(names, " ") != test.hosts {
				t.Errorf("on the host: %v, want %s", names, test.hosts)
			}
			if after := base.Get(test.ref).Presence; after != before {
				t.Errorf("the inventory itself has changed: %s to %s", before, after)
			}
		})
	}
}

// TestCorrectedContent: what was read anew shows its new content, and its values are dropped like those of any other.
func TestCorrectedContent(t *testing.T) {
	base := inCluster(t, secret("shop", "ca")).Snapshot()
	fresh := object("v1", "Secret", "shop", "ca", map[string]any{"data": map[string]any{"ca.crt": "eA==", "password": base64.StdEncoding.EncodeToString([]byte("hunter2"))}})
	entry := Correct(base, Options{Providers: providers(t)}, Correction{Present: []kube.Object{fresh}}).Get(ref("Secret", "shop", "ca")).Entry
	keys, open := entry.Keys()
	if fmt.Sprint(keys) != "[ca.crt password]" || open {
		t.Errorf("keys %v, open %t", keys, open)
	}
	if found := holding(entry, "hunter2", base64.StdEncoding.EncodeToString([]byte("hunter2"))); found != "" {
		t.Errorf("the value is still there: %s", found)
	}
}

// TestNoEvidenceInACluster: what a watch has not brought yet is no less there for what it has brought already.
func TestNoEvidenceInACluster(t *testing.T) {
	store := New(Options{Providers: providers(t), Cluster: true})
	for _, obj := range []kube.Object{secret("shop", "clinet-ca"), secret("infra", "client-ca"), certificate("c", "else")} {
		store.Put(obj)
	}
	if got := store.Snapshot().Get(ref("Secret", "shop", "client-ca")); got.Presence != Unknown || got.Evidence != EvidenceNone {
		t.Errorf("got %s by %q", got.Presence, got.Evidence)
	}
	over := Overlay(store.Snapshot(), Options{Providers: providers(t)}, ingress("shop", "web", "a.test"))
	if got := over.Get(ref("Secret", "shop", "client-ca")); got.Presence != Unknown {
		t.Errorf("below an object: %s", got.Presence)
	}
}

// TestSetComplete: by kind and namespace, taken back as well as given, and fixed in what was handed out.
func TestSetComplete(t *testing.T) {
	store := New(Options{Providers: providers(t), Cluster: true})
	is := func(s *Snapshot, groupKind, namespace string, want bool) {
		t.Helper()
		if got := s.Complete(groupKind, namespace); got != want {
			t.Errorf("%s in %q: %t", groupKind, namespace, got)
		}
	}
	is(store.Snapshot(), "Secret", "shop", false)
	store.SetComplete("Secret", "shop", true)
	one := store.Snapshot()
	is(one, "Secret", "shop", true)
	is(one, "Secret", "desk", false)
	is(one, "ConfigMap", "shop", false)
	store.SetComplete("Secret", "", true)
	is(store.Snapshot(), "Secret", "desk", true)
	store.SetComplete("Secret", "", false)
	store.SetComplete("Secret", "shop", false)
	is(store.Snapshot(), "Secret", "shop", false)
	is(one, "Secret", "shop", true)
	is(one, "Secret", "desk", false)
}

// reading is a set of providers that read CA, certificate and key, as ours do.
func reading(t *testing.T) *provider.Set {
	t.Helper()
	p, err := provider.Parse("test", []byte(`
kinds:
  - kind: Ingress.networking.k8s.io
    references:
      - {role: ca, title: CA, use: trust, path: spec.ca, kind: Secret, key: ca.crt}
      - {role: server, title: server, use: certificate, path: spec.server, kind: Secret, key: tls.crt}
`))
	if err != nil {
		t.Fatal(err)
	}
	return provider.NewSet([]provider.Provider{p})
}

// TestDrop: of a Secret in a cluster's inventory everything is kept that a rule may see, and no value.
func TestDrop(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	mint := pkitest.New("drop", now)
	root := mint.Root("root")
	leaf := mint.Leaf(root, "a.test")
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	key := strings.Split(leaf.KeyPEM, "\n")[1]
	pair := object("v1", "Secret", "shop", "s", map[string]any{"type": "Opaque", "data": map[string]any{
		"ca.crt": encoded(root.CertPEM), "tls.crt": encoded(leaf.CertPEM), "tls.key": encoded(leaf.KeyPEM), "password": encoded("hunter2"),
	}})
	metadata := pair.Fields["metadata"].(map[string]any)
	metadata["annotations"] = map[string]any{"kubectl.kubernetes.io/last-applied-configuration": "hunter2 " + encoded(leaf.KeyPEM)}
	metadata["labels"] = map[string]any{"app": "x"}
	metadata["creationTimestamp"] = "2026-01-01T00:00:00Z"
	metadata["managedFields"] = []any{"hunter2"}
	plain := object("v1", "Secret", "shop", "s", map[string]any{"type": "Opaque", "stringData": map[string]any{
		"ca.crt": root.CertPEM, "tls.crt": leaf.CertPEM, "tls.key": leaf.KeyPEM, "password": "hunter2",
	}})
	for name, obj := range map[string]kube.Object{"data": pair, "stringData": plain} {
		t.Run(name, func(t *testing.T) {
			cluster := New(Options{Providers: reading(t), Cluster: true})
			tree := New(Options{Providers: reading(t)})
			kept, whole := cluster.Prepare(obj), tree.Prepare(obj)
			if kept.Type() != "Opaque" {
				t.Errorf("type %q", kept.Type())
			}
			if k, open := kept.Keys(); fmt.Sprint(k) != "[ca.crt password tls.crt tls.key]" || open {
				t.Errorf("keys %v, open %t", k, open)
			}
			for _, key := range []string{"ca.crt", "tls.crt"} {
				a, b := kept.Content(key, cluster.options.Certificates), whole.Content(key, tree.options.Certificates)
				if a == nil || a.Bundle == nil || a.Bundle.Certificates[0].Hash != b.Bundle.Certificates[0].Hash {
					t.Errorf("%s: got %v, want %v", key, a, b)
				}
			}
			if got := kept.Pair(); got != pki.PairMatch || got != whole.Pair() {
				t.Errorf("pair %s", got)
			}
			if kept.Content("password", cluster.options.Certificates) != nil {
				t.Error("the content of a key that no rule reads")
			}
			values := []string{"hunter2", encoded("hunter2"), key, encoded(leaf.KeyPEM)[:60]}
			if holding(whole, values...) == "" {
				t.Error("the test would not find them")
			}
			for _, value := range values {
				if found := holding(kept, value); found != "" {
					t.Errorf("a value is still there: %s", found)
				}
				if found := holding(cluster.options.Certificates, value); found != "" {
					t.Errorf("a value is in the cache: %s", found)
				}
			}
			// The object given is somebody else's.
			if len(obj.Fields) < 4 {
				t.Errorf("the object itself was emptied: %v", obj.Fields)
			}
		})
	}
	kept := New(Options{Providers: reading(t), Cluster: true}).Prepare(pair)
	if got := fmt.Sprint(kept.Object().Fields); got != "map[metadata:map[creationTimestamp:2026-01-01T00:00:00Z labels:map[app:x] name:s namespace:shop] type:Opaque]" {
		t.Errorf("kept %s", got)
	}
}

// TestDropKnowsWhatItSaw: an empty Secret is known to be empty; of one whose metadata alone was seen nothing is known.
func TestDropKnowsWhatItSaw(t *testing.T) {
	store := New(Options{Providers: reading(t), Cluster: true})
	for _, test := range []struct {
		name string
		obj  kube.Object
		open bool
		keys string
		kind string // the entry's Type
	}{
		{"empty", object("v1", "Secret", "shop", "s", map[string]any{"type": "Opaque"}), false, "[]", "Opaque"},
		{"without a type", object("v1", "Secret", "shop", "s", map[string]any{"data": map[string]any{}}), false, "[]", "Opaque"},
		{"metadata", object("v1", "Secret", "shop", "s", nil), true, "[]", ""},
		{"a ConfigMap", object("v1", "ConfigMap", "shop", "s", nil), false, "[]", ""},
		{"binary", object("v1", "ConfigMap", "shop", "s", map[string]any{"data": map[string]any{"a": "x"}, "binaryData": map[string]any{"b": "eA=="}}), false, "[a b]", ""},
		{"odd data", object("v1", "Secret", "shop", "s", map[string]any{"data": []any{"x"}, "type": "kubernetes.io/tls"}), false, "[]", "kubernetes.io/tls"},
	} {
		entry := store.Prepare(test.obj)
		if entry.Type() != test.kind {
			t.Errorf("%s: type %q", test.name, entry.Type())
		}
		keys, open := entry.Keys()
		if fmt.Sprint(slices.Concat([]string{}, keys)) != test.keys || open != test.open {
			t.Errorf("%s: keys %v, open %t", test.name, keys, open)
		}
	}
	// Whoever may fill it in, a cluster shows what it is filled with.
	filled := object("v1", "Secret", "shop", "s", map[string]any{"data": map[string]any{"ca.crt": ""}})
	filled.Fields["metadata"].(map[string]any)["annotations"] = map[string]any{"reflector.v1.k8s.emberstack.com/reflects": "a/b"}
	if entry := store.Prepare(filled); entry.Filled || !entry.Content("ca.crt", store.options.Certificates).Empty {
		t.Error("an empty value in a cluster is empty")
	}
	// A kind of that name in another group is no Secret.
	foreign := store.Prepare(object("acme.example/v1", "Secret", "shop", "s", map[string]any{"spec": "x"}))
	if foreign.dropped || foreign.Object().Fields["spec"] != "x" {
		t.Error("a foreign kind was dropped")
	}
}

// TestDropReadsNoMoreThanItKeeps: whoever may write one ConfigMap may write many, and what is known of certificates takes
// more memory than their text. What is too large is there, and unknown.
func TestDropReadsNoMoreThanItKeeps(t *testing.T) {
	mint := pkitest.New("large", time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))
	root := mint.Root("root")
	leaf := mint.Leaf(root, "a.test")
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	// filled puts comments before a certificate, up to a size.
	filled := func(pem string, size int) string { return strings.Repeat("#\n", (size-len(pem))/2) + pem }
	small, half, most, large := root.CertPEM, filled(root.CertPEM, mostText/2+100), filled(root.CertPEM, mostText-1), filled(root.CertPEM, mostText+10)
	for _, test := range []struct {
		name           string
		data           map[string]any
		ca, tls        string
		pair           pki.Pair
		kind, dataName string
	}{
		{name: "as much as is read", data: map[string]any{"ca.crt": most}, ca: "read"},
		{name: "too much", data: map[string]any{"ca.crt": large}, ca: "opaque"},
		{name: "too much of one key", data: map[string]any{"ca.crt": large, "tls.crt": small}, ca: "opaque", tls: "read"},
		{name: "too much of a key that is not read", data: map[string]any{"ca.crt": small, "other": large}, ca: "read"},
		{name: "too much together", data: map[string]any{"ca.crt": half, "tls.crt": half}, ca: "read", tls: "opaque"},
		{name: "binary", kind: "ConfigMap", dataName: "binaryData", data: map[string]any{"ca.crt": encoded(large)}, ca: "opaque"},
		{name: "binary, as much as is read", kind: "ConfigMap", dataName: "binaryData", data: map[string]any{"ca.crt": encoded(filled(root.CertPEM, mostText-4))}, ca: "read"},
		{name: "a pair", kind: "Secret", data: map[string]any{"tls.crt": encoded(leaf.CertPEM), "tls.key": encoded(leaf.KeyPEM)}, tls: "read", pair: pki.PairMatch},
		{name: "a pair with a large key", kind: "Secret", data: map[string]any{"tls.crt": encoded(leaf.CertPEM), "tls.key": encoded(filled(leaf.KeyPEM, mostText))}, tls: "read", pair: pki.PairUnknown},
	} {
		store := New(Options{Providers: reading(t), Cluster: true})
		entry := store.Prepare(object("v1", cmp.Or(test.kind, "ConfigMap"), "shop", "s", map[string]any{cmp.Or(test.dataName, "data"): test.data}))
		for key, want := range map[string]string{"ca.crt": test.ca, "tls.crt": test.tls} {
			got := ""
			switch content := entry.Content(key, store.options.Certificates); {
			case content == nil:
			case content.Opaque && content.Bundle == nil && !content.Empty:
				got = "opaque"
			case len(content.Bundle.Certificates) == 1:
				got = "read"
			}
			if got != want {
				t.Errorf("%s: %s is %q, want %q", test.name, key, got, want)
			}
		}
		if pair := entry.Pair(); pair != test.pair {
			t.Errorf("%s: pair %s", test.name, pair)
		}
		if keys, open := entry.Keys(); len(keys) != len(test.data) || open {
			t.Errorf("%s: keys %v, open %t", test.name, keys, open)
		}
	}
	// Of files all is read: whoever runs the linter has chosen them.
	tree := New(Options{Providers: reading(t)})
	if content := tree.Prepare(object("v1", "ConfigMap", "shop", "s", map[string]any{"data": map[string]any{"ca.crt": large}})).Content("ca.crt", tree.options.Certificates); content.Opaque {
		t.Error("a large value in a file is opaque")
	}
}

// TestDropForMany: entries are read by many reviews at once.
func TestDropForMany(t *testing.T) {
	store := New(Options{Providers: reading(t), Cluster: true})
	store.Put(secret("shop", "ca"))
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			entry := store.Snapshot().Get(ref("Secret", "shop", "ca")).Entry
			entry.Keys()
			entry.Pair()
			entry.Content("ca.crt", store.options.Certificates)
			entry.Content("none", store.options.Certificates)
			store.Put(secret("shop", "ca"))
		})
	}
	wait.Wait()
}

// holding walks through all that a value holds, unexported or not, and returns the first text with one of some parts in it.
func holding(v any, parts ...string) string {
	seen := map[uintptr]bool{}
	var walk func(v reflect.Value, at string) string
	walk = func(v reflect.Value, at string) string {
		contains := func(text string) string {
			for _, part := range parts {
				if strings.Contains(text, part) {
					return at
				}
			}
			return ""
		}
		switch v.Kind() {
		case reflect.String:
			return contains(v.String())
		case reflect.Pointer, reflect.Map:
			if v.IsNil() || seen[v.Pointer()] {
				return ""
			}
			seen[v.Pointer()] = true
			if v.Kind() == reflect.Pointer {
				return walk(v.Elem(), at)
			}
			for _, key := range v.MapKeys() {
				if found := walk(key, at+".key"); found != "" {
					return found
				}
				if found := walk(v.MapIndex(key), fmt.Sprintf("%s[%v]", at, key)); found != "" {
					return found
				}
			}
		case reflect.Interface:
			if !v.IsNil() {
				return walk(v.Elem(), at)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if found := walk(v.Field(i), at+"."+v.Type().Field(i).Name); found != "" {
					return found
				}
			}
		case reflect.Slice, reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
				return contains(string(v.Bytes()))
			}
			for i := range v.Len() {
				if found := walk(v.Index(i), at); found != "" {
					return found
				}
			}
		default:
		}
		return ""
	}
	return walk(reflect.ValueOf(v), "value")
}
