package effective_test

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
	"github.com/tlsward/tlsward/kube"
)

// TestOddObjects: whatever stands in a field, models answer. Nothing but the API server keeps a field to its type, and what reads
// files has not asked it.
func TestOddObjects(t *testing.T) {
	scenes := []string{
		"envoy-gateway/gateway-whole", "envoy-gateway/gateway-backend-not-verified", "envoy-gateway/gateway-client-policy-for-a-listener",
		"nginx-gateway-fabric/gateway-backends-differ", "istio/gateway-listener-set", "istio/own-mutual", "istio/own-paths",
		"kgateway/gateway-backend-config-policy", "kong/gateway-whole", "kong/gateway-mtls-plugin", "kong/ingress-served", "kong/ingress-facade",
	}
	odd := []any{nil, "odd", int64(-1), true, []any{"odd", nil}, []any{map[string]any{}}, map[string]any{"odd": []any{}}}
	for _, name := range scenes {
		archive, err := txtar.ParseFile(filepath.FromSlash("testdata/" + name + ".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, f := range archive.Files[:len(archive.Files)-1] {
			files[f.Name] = string(f.Data)
		}
		for _, tree := range effectivetest.Trees(t, files) {
			for i := range tree.Objects {
				for _, at := range fields(tree.Objects[i].Fields, nil, 0) {
					for _, value := range odd {
						changed, err := kube.Apply(tree.Objects[i].Object, []kube.Edit{{Op: kube.Set, Path: at, Value: value}})
						if err != nil {
							continue
						}
						objects := append([]effective.Object(nil), tree.Objects...)
						objects[i].Object = changed
						rows := effective.Rows(effective.NewTree(objects, tree.Inventory, tree.Scope), effective.Models())
						for j := range rows {
							if rows[j].Host == "" && rows[j].Service == "" && rows[j].Port == 0 && rows[j].Controller == "" {
								t.Fatalf("%s: %s %s %v: a row without anything", name, changed.ID, at, value)
							}
						}
					}
				}
			}
		}
	}
}

// fields lists the paths to all fields, to a depth at which nothing is left.
func fields(value any, at kube.Path, depth int) []kube.Path {
	var list []kube.Path
	if depth > 16 {
		return nil
	}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range kube.SortedKeys(v) {
			next := at.Append(key)
			list = append(append(list, next), fields(v[key], next, depth+1)...)
		}
	case []any:
		for i, element := range v {
			next := at.Append(i)
			list = append(append(list, next), fields(element, next, depth+1)...)
		}
	}
	return list
}
