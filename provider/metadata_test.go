package provider

import (
	"fmt"
	"testing"

	"github.com/tlsward/tlsward/kube"
)

// TestLight: of a kind in which nothing but the metadata is read, no more is kept than rules see of it.
func TestLight(t *testing.T) {
	p, err := Parse("acme", []byte(`
kinds:
  - kind: Service
    references:
      - {role: ca, path: 'metadata.annotations["acme.example/ca"]', form: names, kind: Secret, identifiers: [id]}
    peers:
      - {name: policy, paths: [metadata], key: [kind, name]}
  - kind: Marked
    references:
      - {role: ca, path: 'metadata.annotations["acme.example/ca"]', kind: Secret}
    peers:
      - {name: host, paths: [spec.host]}
  - kind: Route.acme.example
    references:
      - {role: backend, path: spec.service, kind: Service, shows: [spec.ports, 'metadata.annotations["acme.example/"*]']}
`))
	if err != nil {
		t.Fatal(err)
	}
	set := NewSet([]Provider{p})
	for kind, want := range map[string]bool{"Service": false, "Marked": true, "Route.acme.example": true, "Secret": false} {
		if got := set.Reads(kind); got != want {
			t.Errorf("%s: reads %t", kind, got)
		}
	}
	if got := fmt.Sprint(set.IdentifiersRead()); got != "[id]" {
		t.Errorf("identifiers %s", got)
	}
	service := kube.Object{ID: kube.ID{Kind: "Service"}, Fields: map[string]any{
		"metadata": map[string]any{"name": "s", "annotations": map[string]any{"acme.example/a": "1", "acme.example/b": "2", "other": "3"}},
		"spec":     map[string]any{"ports": []any{"p"}, "selector": "x"},
	}}
	if got := fmt.Sprint(set.Trim(service).Fields); got != "map[metadata:map[annotations:map[acme.example/a:1 acme.example/b:2 other:3] name:s] spec:map[ports:[p]]]" {
		t.Errorf("kept is %s", got)
	}
	if got := fmt.Sprint(p.Kinds[2].References[0].Shown(service)); got != "map[metadata:map[annotations:map[acme.example/a:1 acme.example/b:2]] spec:map[ports:[p]]]" {
		t.Errorf("shown is %s", got)
	}
}
