package e2e

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/scenes"
)

// serveAllKinds installs a CRD without any schema for each kind of others that scenes hold and this API server does not
// serve: what makes Secrets, above all. It returns how to remove them again.
func serveAllKinds(t *testing.T, list []scenes.Scene) (remove func()) {
	t.Helper()
	kinds := map[schema.GroupKind]*further{}
	for _, scene := range list {
		for _, object := range scene.Objects {
			kind := object.GroupVersionKind()
			if !foreign(kind.Group) {
				continue
			}
			if _, err := back.RESTMapper().RESTMapping(kind.GroupKind()); !meta.IsNoMatchError(err) {
				continue
			}
			f := kinds[kind.GroupKind()]
			if f == nil {
				f = &further{versions: map[string]bool{}}
				kinds[kind.GroupKind()] = f
			}
			f.versions[kind.Version] = true
			f.hasNamespace = f.hasNamespace || object.GetNamespace() != ""
		}
	}
	linter, err := scenes.NewLinter("")
	check(t, err)
	var groups []string
	for kind, f := range kinds {
		answer := back.Create(t.Context(), f.openCRD(kind, linter.Resource(kube.GroupKind(kind.Group, kind.Kind))))
		check(t, answer.Err)
		groups = append(groups, kind.Group)
	}
	for kind, f := range kinds {
		for version := range f.versions {
			eventually(t, installTimeout, kind.String()+" is served", func() (bool, string) {
				var list unstructured.UnstructuredList
				list.SetGroupVersionKind(schema.GroupVersionKind{Group: kind.Group, Version: version, Kind: kind.Kind + "List"})
				err := back.List(t.Context(), &list)
				return err == nil, errorText(err)
			})
		}
	}
	slices.Sort(groups)
	return func() { check(t, plane.RemoveCRDs(context.Background(), slices.Compact(groups)...)) }
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// foreign reports whether a group belongs to a controller that is installed into clusters. Gateway API's CRDs are the real
// ones, tlsward's own and kustomize's are files.
func foreign(group string) bool {
	return strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io") && !strings.HasPrefix(group, "tlsward.") &&
		!strings.Contains(group, "kustomize")
}

// further is a kind that scenes hold and the API server does not serve.
type further struct {
	versions     map[string]bool
	hasNamespace bool
}

// openCRD is a CRD that takes everything.
func (f *further) openCRD(kind schema.GroupKind, plural string) *unstructured.Unstructured {
	scope := "Cluster"
	if f.hasNamespace {
		scope = "Namespaced"
	}
	crd := objects.Read(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ` + plural + `.` + kind.Group + `}
spec:
  group: ` + kind.Group + `
  scope: ` + scope + `
  names: {kind: ` + kind.Kind + `, plural: ` + plural + `, singular: ` + strings.ToLower(kind.Kind) + `}
`)
	var versions []any
	for i, name := range slices.Sorted(maps.Keys(f.versions)) {
		versions = append(versions, map[string]any{
			"name": name, "served": true, "storage": i == 0,
			"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
		})
	}
	crd.Object["spec"].(map[string]any)["versions"] = versions
	return crd
}
