package inventory

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

func referrers(t *testing.T) *Store {
	t.Helper()
	p, err := provider.Parse("test", []byte(`
kinds:
  - kind: Ingress.networking.k8s.io
    references:
      - {role: client-ca, path: 'metadata.annotations["test/ca"]', form: namespace/name, kind: Secret, key: ca.crt, use: trust}
      - {role: certificates, path: 'spec.tls[*].secretName', kind: Secret, key: tls.crt, use: certificate}
      - {role: crls, path: 'metadata.annotations["test/crls"]', form: names, kind: ConfigMap}
      - {role: suffixed, path: 'metadata.annotations["test/suffixed"]', kind: Secret, suffix: -cacert}
      - {role: class, path: spec.class, kind: IngressClass, group: networking.k8s.io, namespace: none}
  - kind: Gateway.test
    references:
      - {role: certificates, path: 'spec.refs[*]', form: object, kind: Secret, namespace: granted, key: tls.crt, use: certificate}
`))
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{Providers: provider.NewSet([]provider.Provider{p}), Cluster: true, Referrers: true})
}

func marked(name string, annotations, spec map[string]any) kube.Object {
	obj := object("networking.k8s.io/v1", "Ingress", "shop", name, map[string]any{"spec": spec})
	obj.Fields["metadata"].(map[string]any)["annotations"] = annotations
	return obj
}

func TestReferring(t *testing.T) {
	store := referrers(t)
	twice := map[string]any{"tls": []any{map[string]any{"secretName": "pair"}, map[string]any{"secretName": "pair"}}, "class": "edge"}
	store.Put(marked("web", map[string]any{"test/ca": "infra/ca"}, twice))
	store.Put(marked("api", map[string]any{"test/ca": "infra/ca", "test/crls": "one, two", "test/suffixed": "own"}, nil))
	store.Put(marked("none", map[string]any{"test/ca": "${CA}"}, map[string]any{"tls": []any{map[string]any{}}}))
	store.Put(object("test/v1", "Gateway", "edge", "gw", map[string]any{"spec": map[string]any{"refs": []any{
		map[string]any{"name": "own"}, map[string]any{"name": "pair", "namespace": "shop"},
	}}}))
	ask := func(store *Store, group, kind, namespace, name string) string {
		var names []string
		for _, entry := range store.Snapshot().Referring(kube.ID{Group: group, Kind: kind, Namespace: namespace, Name: name}) {
			names = append(names, entry.ID.Name)
		}
		return fmt.Sprint(names)
	}
	for _, test := range []struct{ group, kind, namespace, name, want string }{
		{"", "Secret", "infra", "ca", "[api web]"},
		{"", "Secret", "shop", "ca", "[]"},
		{"", "ConfigMap", "infra", "ca", "[]"},
		{"", "Secret", "shop", "pair", "[gw web]"},
		{"", "Secret", "edge", "own", "[gw]"},
		{"", "ConfigMap", "shop", "two", "[api]"},
		{"", "Secret", "shop", "own-cacert", "[api]"},
		{"", "Secret", "shop", "own", "[api]"},
		{"networking.k8s.io", "IngressClass", "", "edge", "[web]"},
		{"gateway.networking.k8s.io", "ReferenceGrant", "shop", "any", "[gw]"},
		{"gateway.networking.k8s.io", "ReferenceGrant", "edge", "any", "[]"},
	} {
		if got := ask(store, test.group, test.kind, test.namespace, test.name); got != test.want {
			t.Errorf("%s %s/%s: %s, want %s", test.kind, test.namespace, test.name, got, test.want)
		}
	}
	// A snapshot stays as it was, and who no longer refers is no longer listed.
	before := store.Snapshot()
	store.Put(marked("web", nil, nil))
	store.Delete(marked("api", nil, nil).ID)
	if got := ask(store, "", "Secret", "infra", "ca"); got != "[]" {
		t.Errorf("after a change: %s", got)
	}
	if got := len(before.Referring(kube.ID{Kind: "Secret", Namespace: "infra", Name: "ca"})); got != 2 {
		t.Errorf("the snapshot has changed: %d", got)
	}
	// Who does not ask does not pay.
	plain := New(Options{Providers: store.options.Providers, Cluster: true})
	if keys := plain.keys(marked("web", nil, twice)); slices.ContainsFunc(keys, func(k indexKey) bool { return k.index == referringIndex }) {
		t.Error("indexed though nobody is going to ask")
	}
}
