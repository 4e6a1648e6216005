package inventory

import (
	"encoding/base64"
	"testing"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// TestIdentifier: what names an object to its controller is told by form and by equality, before and after its values are gone.
func TestIdentifier(t *testing.T) {
	p, err := provider.Parse("acme", []byte(`kinds: [{kind: K, references: [{role: ca, path: spec.ca, kind: Secret, identifiers: [id]}]}]`))
	if err != nil {
		t.Fatal(err)
	}
	providers := provider.NewSet([]provider.Provider{p})
	const one = "30e144fd-582a-40f7-956c-1fa34308fa9c"
	entry := func(cluster bool, data map[string]any) *Entry {
		obj := kube.Object{ID: kube.ID{Kind: "Secret", Namespace: "shop", Name: "ca"}, Fields: map[string]any{"metadata": map[string]any{"name": "ca"}, "type": "Opaque", "data": data}}
		return New(Options{Providers: providers, Cluster: cluster}).Prepare(obj)
	}
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for _, cluster := range []bool{false, true} {
		same := entry(cluster, map[string]any{"id": encode(one)}).Identifier("id")
		for text, uuid := range map[string]bool{
			one: true, "30E144FD-582A-40F7-956C-1FA34308FA9C": true, one + "\n": false, " " + one: false, "ca": false, "": false,
		} {
			got := entry(cluster, map[string]any{"id": encode(text)}).Identifier("id")
			if got == nil || got.Opaque || got.UUID != uuid || got.Hash == "" || (got.Hash == same.Hash) != (text == one) {
				t.Errorf("cluster %t, %q: got %+v", cluster, text, got)
			}
		}
		if got := entry(cluster, map[string]any{"id": "no base64!"}).Identifier("id"); got == nil || !got.Opaque || got.Hash != "" {
			t.Errorf("cluster %t: what cannot be read: %+v", cluster, got)
		}
		if got := entry(cluster, map[string]any{"other": encode(one)}).Identifier("id"); got != nil {
			t.Errorf("cluster %t: where there is none: %+v", cluster, got)
		}
	}
}
