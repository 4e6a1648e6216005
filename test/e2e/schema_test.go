package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/schema"
	"github.com/tlsward/tlsward/schema/crd"
	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/schema/subjects"
)

// TestSchema: what schema/crd says of an object is what an API server says: which fields it drops, whether it refuses it, for
// which fields, and if not, what it stores. The objects are the projects' own examples, some of ours for kinds that have
// none, and mutants of them all.
func TestSchema(t *testing.T) {
	check(t, plane.InstallEnvoyGateway(t.Context()))
	t.Cleanup(func() { check(t, plane.RemoveCRDs(context.Background(), "gateway.envoyproxy.io")) })
	set, err := crd.New(crd.Releases{
		GatewayAPI: controlplane.Newest.Release, Channel: controlplane.Newest.Channel, CertManager: "1.21", EnvoyGateway: "1.9",
	})
	check(t, err)
	config := rest.CopyConfig(plane.BackDoor())
	config.QPS = -1
	client, err := dynamic.NewForConfig(config)
	check(t, err)

	counts := map[string]int{}
	folders, err := controlplane.Examples(t.Context())
	check(t, err)
	examples, err := subjects.Of(set, folders...)
	check(t, err)
	const mutants = 45
	for _, valid := range examples {
		for _, subject := range append([]subjects.Mutant{{Name: "as it stands", Object: valid}}, subjects.Mutants(valid, mutants)...) {
			difference, refused := compare(t, set, client, subject.Object)
			if difference != "" {
				text, _ := json.Marshal(subject.Object.Object)
				t.Errorf("%s %s, %s: %s\n%s", valid.GetKind(), valid.GetName(), subject.Name, difference, text)
			}
			counts[valid.GetKind()]++
			counts["all"]++
			if refused {
				counts["refused"]++
			}
		}
	}
	t.Logf("compared: %v", counts)
	if counts["all"] < 300 || counts["refused"] < 100 || counts["all"]-counts["refused"] < 100 {
		t.Errorf("compared %v; want at least 300, a hundred of each verdict", counts)
	}
}

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// compare asks both, and says where they differ.
func compare(t *testing.T, set *crd.Set, client dynamic.Interface, object *unstructured.Unstructured) (difference string, refused bool) {
	t.Helper()
	object = object.DeepCopy()
	kind := object.GroupVersionKind()
	obj, ok := kube.FromFields(object.Object)
	if !ok {
		return "it is no object", false
	}
	verdict := set.Judge(obj)
	ourUnknown, ourCauses := map[string]bool{}, map[string]bool{}
	for _, v := range verdict.Violations {
		if v.Kind == schema.UnknownField {
			ourUnknown[subjects.PlainPath(v.Path.String())] = true
		} else {
			ourCauses[subjects.PlainPath(v.Path.String())] = true
		}
	}
	mapping, err := back.RESTMapper().RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		if len(ourCauses) != 1 || verdict.Violations[0].Kind != crd.Unserved {
			return fmt.Sprintf("the API server does not serve it; here %v", verdict.Violations), true
		}
		return "", true
	}
	check(t, err)
	var resource dynamic.ResourceInterface = client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		object.SetNamespace("default")
		resource = client.Resource(mapping.Resource).Namespace("default")
	}
	ask := func(validation string) (*unstructured.Unstructured, error) {
		return resource.Create(t.Context(), object, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: validation})
	}
	_, strict := ask(metav1.FieldValidationStrict)
	stored, err := ask(metav1.FieldValidationIgnore)
	theirUnknown := map[string]bool{}
	if strict != nil && strings.Contains(strict.Error(), "strict decoding error") {
		for _, match := range unknownField.FindAllStringSubmatch(strict.Error(), -1) {
			theirUnknown[subjects.PlainPath(match[1])] = true
		}
	}
	refused = err != nil
	switch {
	case refused != (len(ourCauses) > 0):
		return fmt.Sprintf("the API server says %v; here %v", err, verdict.Violations), refused
	case refused:
		if theirs := causes(err); len(theirs) > 0 && !maps.Equal(theirs, ourCauses) {
			return fmt.Sprintf("the API server refuses %v (%v); here %v", slices.Sorted(maps.Keys(theirs)), err, verdict.Violations), refused
		}
	case !maps.Equal(theirUnknown, ourUnknown):
		return fmt.Sprintf("the API server drops %v; here %v", slices.Sorted(maps.Keys(theirUnknown)), slices.Sorted(maps.Keys(ourUnknown))), refused
	default:
		for _, key := range slices.Sorted(maps.Keys(stored.Object)) {
			// A status is filled with its defaults. No rule asks for it.
			if ours := verdict.Stored.Fields[key]; key != "metadata" && key != "status" && !reflect.DeepEqual(stored.Object[key], ours) {
				return fmt.Sprintf("the API server stores %s as %v; here it is %v", key, stored.Object[key], ours), refused
			}
		}
	}
	return "", refused
}

// causes are the fields for which an object is refused.
func causes(err error) map[string]bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	fields := map[string]bool{}
	for _, cause := range status.Status().Details.Causes {
		// "Rules were not asked" has no field.
		if cause.Field != "<nil>" {
			fields[subjects.PlainPath(cause.Field)] = true
		}
	}
	return fields
}
