package schema

import (
	"testing"

	"github.com/tlsward/tlsward/kube"
)

func TestStoredNulls(t *testing.T) {
	obj, _ := kube.FromFields(map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
		"metadata": map[string]any{"name": "web", "annotations": map[string]any{"a": nil, "b": "x"}, "labels": nil},
	})
	got := Stored(obj)
	metadata, _ := got.Fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	if a, ok := annotations["a"].(string); !ok || a != "" || annotations["b"] != "x" {
		t.Errorf("got %v", annotations)
	}
	before, _ := kube.Lookup(obj.Fields, kube.Path{"metadata", "annotations", "a"})
	if before != nil {
		t.Error("the object given was changed")
	}
}
