package inventory

import (
	"fmt"
	"testing"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

func certificateFor(namespace, name, secret string) kube.Object {
	return object("cert-manager.io/v1", "Certificate", namespace, name, map[string]any{"spec": map[string]any{"secretName": secret}})
}

// TestMakers: all who have a thing made, as the object under review has changed them.
func TestMakers(t *testing.T) {
	s := providers(t)
	store := New(Options{Providers: s})
	for _, obj := range []kube.Object{
		certificateFor("shop", "a", "web-tls"), certificateFor("shop", "b", "web-tls"), certificateFor("infra", "c", "web-tls"),
		object("trust.cert-manager.io/v1alpha1", "Bundle", "", "web-tls", nil),
	} {
		store.Put(obj)
	}
	made := kube.ID{Kind: "Secret", Namespace: "shop", Name: "web-tls"}
	names := func(r Reader) string {
		var list []string
		for _, promise := range r.Makers(made) {
			list = append(list, promise.By.Name)
		}
		return fmt.Sprint(list)
	}
	base := store.Snapshot()
	if got := names(base); got != "[a b]" {
		t.Errorf("got %s", got)
	}
	if got := names(Overlay(base, Options{Providers: s}, certificateFor("shop", "b", "other"))); got != "[a]" {
		t.Errorf("b makes another: got %s", got)
	}
	if got := names(Overlay(base, Options{Providers: s}, certificateFor("shop", "d", "web-tls"))); got != "[a b d]" {
		t.Errorf("d joins them: got %s", got)
	}
	if got := base.Makers(made)[0]; got.Path.String() != "spec.secretName" || got.Entry.ID.Name != "a" {
		t.Errorf("got %v of %v", got.Path, got.Entry)
	}
}

// TestCopies: in a cluster no values are kept of a Secret, and what copies it is still known, by annotations alone.
func TestCopies(t *testing.T) {
	p, err := provider.Parse("test", []byte(`
producers:
  - kind: Secret
    makes: Secret
    copy: true
    names: [metadata.name]
    everywhere: true
    when: ['metadata.annotations["acme.example/to"]']
    namespaces: {lists: ['metadata.annotations["acme.example/to"]']}
`))
	if err != nil {
		t.Fatal(err)
	}
	source := object("v1", "Secret", "infra", "ca", map[string]any{"data": map[string]any{"ca.crt": "eA=="}})
	source.Fields["metadata"].(map[string]any)["annotations"] = map[string]any{"acme.example/to": "shop,web-.*,(", "other": "secret"}
	store := New(Options{Providers: provider.NewSet([]provider.Provider{p}), Cluster: true})
	store.Put(source)
	snapshot := store.Snapshot()
	for namespace, want := range map[string]Presence{"shop": Promised, "web-1": Promised, "infra": Present} {
		if got := snapshot.Get(ref("Secret", namespace, "ca")); got.Presence != want {
			t.Errorf("%s: got %v, want %v", namespace, got.Presence, want)
		}
	}
	// What is no pattern to Go may be one to others.
	if got := snapshot.Get(ref("Secret", "elsewhere", "ca")); got.Presence != Promised || !got.Promise.Open {
		t.Errorf("got %+v", got)
	}
	entry := snapshot.Get(ref("Secret", "infra", "ca")).Entry
	if got := fmt.Sprint(entry.Object().Fields["metadata"].(map[string]any)["annotations"]); got != "map[acme.example/to:shop,web-.*,(]" {
		t.Errorf("kept are %s", got)
	}
	store.Delete(source.ID)
	if got := store.Snapshot().Get(ref("Secret", "shop", "ca")); got.Presence != Unknown {
		t.Errorf("what is gone is copied no more: %v", got.Presence)
	}
}

// TestReach goes through selectors, with and without the labels of the namespace.
func TestReach(t *testing.T) {
	labels := map[string]any{"trust": "yes", "tier": "web"}
	expression := func(key, operator string, values ...any) map[string]any {
		return map[string]any{"matchExpressions": []any{map[string]any{"key": key, "operator": operator, "values": values}}}
	}
	for name, test := range map[string]struct {
		selector       selector
		known, unknown truth
	}{
		"empty":                {mappingSelector(nil), yes, yes},
		"equal":                {mappingSelector(map[string]any{"matchLabels": map[string]any{"trust": "yes"}}), yes, perhaps},
		"not equal":            {mappingSelector(map[string]any{"matchLabels": map[string]any{"trust": "no"}}), no, perhaps},
		"in":                   {mappingSelector(expression("tier", "In", "web", "api")), yes, perhaps},
		"not in":               {mappingSelector(expression("tier", "NotIn", "web", "api")), no, perhaps},
		"exists":               {mappingSelector(expression("tier", "Exists")), yes, perhaps},
		"does not exist":       {mappingSelector(expression("tier", "DoesNotExist")), no, perhaps},
		"the name":             {mappingSelector(expression(nameLabel, "In", "shop")), yes, yes},
		"another name":         {mappingSelector(expression(nameLabel, "In", "infra")), no, no},
		"an unknown operator":  {mappingSelector(expression("tier", "Gt", "1")), perhaps, perhaps},
		"a text":               {textSelector("trust==yes, tier, !old, tier!=api"), yes, perhaps},
		"a text that is wrong": {textSelector("trust=no"), no, perhaps},
		"a text with a list":   {textSelector("tier in (web, api)"), perhaps, perhaps},
	} {
		if got := test.selector.takes("shop", labels, true); got != test.known {
			t.Errorf("%s: with labels %v, want %v", name, got, test.known)
		}
		if got := test.selector.takes("shop", nil, false); got != test.unknown {
			t.Errorf("%s: without labels %v, want %v", name, got, test.unknown)
		}
	}
	several := &Reach{names: []string{"infra"}, selectors: []selector{textSelector("a=b,c,!d"), mappingSelector(expression("e", "In", "1", "2"))}, lists: [][]string{{"x", "y"}}}
	if got, want := several.String(), "named infra, or with the labels a=b and c and !d, or with the labels e in (1, 2), or that match x or y"; got != want {
		t.Errorf("got %s", got)
	}
}

// TestReachOfWhatWasRead: what was read from the API server says as much of namespaces as the cache, which has their labels.
func TestReachOfWhatWasRead(t *testing.T) {
	p, err := provider.Parse("test", []byte(`
kinds: [{kind: Namespace, cluster: true}]
producers:
  - {kind: Bundle.acme.example, makes: ConfigMap, names: [metadata.name], everywhere: true, namespaces: {selectors: [spec.namespaces]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Providers: provider.NewSet([]provider.Provider{p}), Complete: []string{"*"}, Cluster: true}
	bundle := object("acme.example/v1", "Bundle", "", "roots", map[string]any{
		"spec": map[string]any{"namespaces": map[string]any{"matchLabels": map[string]any{"trust": "yes"}}},
	})
	for label, want := range map[string]Presence{"yes": Promised, "no": Absent} {
		store := New(options)
		namespace := object("v1", "Namespace", "", "shop", nil)
		namespace.Fields["metadata"].(map[string]any)["labels"] = map[string]any{"trust": label}
		store.Put(namespace)
		base := store.Snapshot()
		if got := Correct(base, options, Correction{Present: []kube.Object{bundle}}).Get(ref("ConfigMap", "shop", "roots")).Presence; got != want {
			t.Errorf("a namespace with trust: %s: got %v, want %v", label, got, want)
		}
	}
}
