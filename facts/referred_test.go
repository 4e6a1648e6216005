package facts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// TestReferences: all there are, however many, with what they lead to; backends and parents among them, which a document's rules
// do not see as such.
func TestReferences(t *testing.T) {
	p, err := provider.Parse("acme", []byte(`
kinds:
  - kind: Proxy.acme.test
    references:
      - {role: certificate, title: certificate, use: certificate, usage: serverAuth, path: "spec.tls[*]", kind: Secret, key: tls.crt}
      - {role: parent, path: spec.parent, kind: Proxy, group: acme.test}
    backends:
      - {role: backend, title: backend, use: target, path: "spec.to[*]", kind: Service}
    acting: {parents: [parent]}
`))
	if err != nil {
		t.Fatal(err)
	}
	settings := facts.Settings{Providers: provider.NewSet([]provider.Provider{p}), Scope: "this tree"}
	store := inventory.New(inventory.Options{Providers: settings.Providers})
	const many = 100 // more than a document holds
	var names []any
	for i := range many {
		names = append(names, fmt.Sprint("tls-", i))
	}
	proxy := kube.Object{ID: kube.ID{Group: "acme.test", Kind: "Proxy", Namespace: "shop", Name: "web"}, Fields: map[string]any{
		"spec": map[string]any{"tls": names, "parent": "edge", "to": []any{"api"}},
	}}
	secret := kube.Object{ID: kube.ID{Kind: "Secret", Namespace: "shop", Name: "tls-7"}, Fields: map[string]any{
		"stringData": map[string]any{"tls.crt": "not a certificate", "tls.key": "-----BEGIN PRIVATE KEY-----"},
	}}
	store.Put(proxy)
	store.Put(secret)
	list := facts.References(facts.Request{Object: proxy, Inventory: store.Snapshot()}, settings)
	count, found := map[string]int{}, 0
	for _, r := range list {
		role, _ := r.Document["role"].(string)
		count[role]++
		if r.Parent != (role == "parent") {
			t.Errorf("%s: parent %t", role, r.Parent)
		}
		if r.Entry != nil {
			found++
			if r.Entry.ID != secret.ID || r.Document["key"] != "tls.crt" || r.Document["presence"] != "present" || r.Document["name"] != "tls-7" {
				t.Errorf("%v leads to %s", r.Document, r.Entry.ID)
			}
		}
		if strings.Contains(fmt.Sprint(r.Document), "PRIVATE KEY") {
			t.Errorf("a private key: %v", r.Document)
		}
	}
	if count["certificate"] != many || count["parent"] != 1 || count["backend"] != 1 || found != 1 {
		t.Errorf("%v, %d found", count, found)
	}
	refs, _ := facts.Gather(facts.Request{Object: proxy, Inventory: store.Snapshot()}, settings)["refs"].(map[string]any)
	if refs["backend"] != nil || refs["certificate"] == nil {
		t.Errorf("a document has %v", kube.SortedKeys(refs))
	}
	var told []facts.Referred
	document := facts.Gather(facts.Request{Object: proxy, Inventory: store.Snapshot(), Referred: &told}, settings)
	if len(told) != len(list) {
		t.Errorf("a review tells %d references, want %d: what a document has no room for too", len(told), len(list))
	}
	if strings.Contains(fmt.Sprint(document), facts.EntryField) {
		t.Error("the document holds what is for no rule")
	}
}
