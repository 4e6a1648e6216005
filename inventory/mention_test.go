package inventory_test

import (
	"testing"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// TestMention: of a workload that a provider has to do with for what it mentions, a tree keeps all and a cluster nothing but its name.
func TestMention(t *testing.T) {
	p, err := provider.Parse("acme", []byte(`
controllers: [{name: edge, installation: {program: /edge}, settings: [{name: strict, default: "false"}]}]
kinds: [{kind: Deployment.apps, mentions: [acme]}]
`))
	if err != nil {
		t.Fatal(err)
	}
	set := provider.NewSet([]provider.Provider{p})
	for _, test := range []struct {
		name    string
		cluster bool
		image   string
		want    bool
	}{
		{"a tree", false, "acme:1", true},
		{"a cluster", true, "acme:1", false},
		{"another one", false, "shop:1", false},
	} {
		store := inventory.New(inventory.Options{Providers: set, Cluster: test.cluster})
		obj := kube.Object{ID: kube.ID{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "x"}, Fields: map[string]any{
			"metadata": map[string]any{"name": "x", "namespace": "shop"}, "spec": map[string]any{"image": test.image},
		}}
		if kept := store.Prepare(obj).Object().Fields["spec"] != nil; kept != test.want {
			t.Errorf("%s: kept: %t", test.name, kept)
		}
		if slim := inventory.Slim(set, obj).Fields["spec"] != nil; slim != (test.image == "acme:1") {
			t.Errorf("%s: slim: %t", test.name, slim)
		}
	}
}
