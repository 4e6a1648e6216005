package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/scenes"
)

// serveAllKinds installs a CRD without any schema for each kind of others that scenes hold and this API server does not
// serve: what makes Secrets, above all. It returns how to remove them again.
func serveAllKinds(t *testing.T, list []scenes.Scene) (remove func()) {
	t.Helper()
	kinds := map[schema.GroupVersionKind]bool{} // whether it has a namespace
	for _, scene := range list {
		for _, object := range scene.Objects {
			kind := object.GroupVersionKind()
			if foreign(kind.Group) {
				_, err := back.RESTMapper().RESTMapping(kind.GroupKind())
				if meta.IsNoMatchError(err) {
					kinds[kind] = kinds[kind] || object.GetNamespace() != ""
				}
			}
		}
	}
	var groups []string
	for kind, hasNamespace := range kinds {
		answer := back.Create(t.Context(), openCRD(kind, hasNamespace))
		check(t, answer.Err)
		groups = append(groups, kind.Group)
	}
	for kind := range kinds {
		eventually(t, installTimeout, kind.String()+" is served", func() (bool, string) {
			var list unstructured.UnstructuredList
			list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
			err := back.List(t.Context(), &list)
			return err == nil, errorText(err)
		})
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

// openCRD is a CRD that takes everything.
func openCRD(kind schema.GroupVersionKind, hasNamespace bool) *unstructured.Unstructured {
	plural, _ := meta.UnsafeGuessKindToResource(kind)
	scope := "Cluster"
	if hasNamespace {
		scope = "Namespaced"
	}
	return objects.Read(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ` + plural.Resource + `.` + kind.Group + `}
spec:
  group: ` + kind.Group + `
  scope: ` + scope + `
  names: {kind: ` + kind.Kind + `, plural: ` + plural.Resource + `, singular: ` + strings.ToLower(kind.Kind) + `}
  versions:
    - name: ` + kind.Version + `
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`)
}
