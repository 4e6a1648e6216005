package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/migrate"
	"github.com/tlsward/tlsward/migrate/migratetest"
	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/repository"
)

// TestMigrated: whatever migrate writes, for each controller, an API server takes as it stands: no field is unknown to it, no rule of a CRD
// refuses it, and what would be stored has all that was sent.
func TestMigrated(t *testing.T) {
	check(t, plane.UninstallGateways(t.Context()))
	check(t, plane.InstallEnvoyGateway(t.Context()))
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		check(t, plane.RemoveCRDs(ctx, "gateway.envoyproxy.io"))
		check(t, plane.UninstallGateways(ctx))
		check(t, plane.InstallGateways(ctx, controlplane.Newest))
	})
	config := rest.CopyConfig(plane.BackDoor())
	config.QPS = -1
	client, err := dynamic.NewForConfig(config)
	check(t, err)
	root, err := repository.Root()
	check(t, err)

	documents := map[string]*unstructured.Unstructured{}
	kinds := map[string]int{}
	scenes := migratetest.Scenes(t, root)
	for _, scene := range kube.SortedKeys(scenes) {
		for _, controller := range migrate.Controllers() {
			for _, namespace := range []string{"", "edge"} {
				result, _ := migratetest.To(t, scenes[scene], migrate.Options{Class: "edge", Controller: controller, Namespace: namespace})
				for _, d := range result.Documents {
					object := &unstructured.Unstructured{Object: d.Object.Fields}
					object.SetNamespace("default")
					if text := fmt.Sprint(object.Object); documents[text] == nil {
						documents[text] = object
						kinds[object.GetKind()]++
					}
				}
			}
		}
	}
	t.Logf("to be sent: %v", kinds)
	if len(kinds) < len(migrate.Kinds()) || len(documents) < 200 {
		t.Errorf("%v are written, want at least 200 objects of %v", kinds, migrate.Kinds())
	}
	for _, release := range []string{"1.5", "1.6"} {
		check(t, plane.InstallGateways(t.Context(), controlplane.Gateways{Release: release, Channel: "standard"}))
		for _, text := range slices.Sorted(maps.Keys(documents)) {
			object := documents[text]
			kind := object.GroupVersionKind()
			mapping, err := back.RESTMapper().RESTMapping(kind.GroupKind(), kind.Version)
			check(t, err)
			stored, err := client.Resource(mapping.Resource).Namespace("default").Create(t.Context(), object.DeepCopy(), metav1.CreateOptions{
				DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict,
			})
			if err != nil {
				t.Errorf("%s: %v\n%s", release, err, text)
			} else if at := lost(object.Object, stored.Object); at != "" {
				t.Errorf("%s: stored without %s: %s", release, at, text)
			}
		}
	}
}

// lost names a field of what was sent that is not stored as it was; what is added, as defaults are, is none.
func lost(sent, stored any) string {
	switch sent := sent.(type) {
	case map[string]any:
		fields, _ := stored.(map[string]any)
		for _, key := range kube.SortedKeys(sent) {
			if at := lost(sent[key], fields[key]); at != "" {
				return "." + key + at
			}
		}
		return ""
	case []any:
		list, _ := stored.([]any)
		if len(list) != len(sent) {
			return fmt.Sprintf(": %d of %d elements", len(list), len(sent))
		}
		for i := range sent {
			if at := lost(sent[i], list[i]); at != "" {
				return fmt.Sprintf("[%d]%s", i, at)
			}
		}
		return ""
	default:
		if sent != stored {
			return fmt.Sprintf(": %v is %v", sent, stored)
		}
		return ""
	}
}
