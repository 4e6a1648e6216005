package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/requester"
)

const (
	depthAnnotation  = "nginx.ingress.kubernetes.io/auth-tls-verify-depth"
	recordAnnotation = "tlsward.dev/defaulted"
)

// TestMutation follows one Ingress through its life: what the mutating webhook fills in is right, comes once, moves with
// its cause and leaves with it.
func TestMutation(t *testing.T) {
	// An Ingress of Kong with ingress-nginx's annotations must be stored here to be looked at.
	deploy(t, setup{config: "actions: [{rules: [ingress-nginx/annotations-for-another-controller], action: warn}]\n"})
	furnish(t)
	namespace(t, "mutation")
	create(t, objects.Secret("mutation", "deep", map[string]string{"ca.crt": authority.DeepBundle}))
	create(t, objects.Secret("mutation", "shallow", caData))
	// A bundle of three asks for a depth of three at the least: nginx counts the client's own certificate's issuers.
	apply := func(t *testing.T, object *unstructured.Unstructured, manager string) requester.Answer {
		t.Helper()
		answer := admin.Apply(t.Context(), object, manager)
		accepted(t, name(object), answer)
		return answer
	}
	depth := func(object *unstructured.Unstructured) string { return object.GetAnnotations()[depthAnnotation] }
	t.Run("a depth is filled in, once", func(t *testing.T) {
		first := apply(t, objects.Mutual("mutation", "once", "deep"), "team")
		if depth(first.Object) == "" || first.Object.GetAnnotations()[recordAnnotation] == "" {
			t.Fatalf("stored with annotations %v, want a depth and the record of it", first.Object.GetAnnotations())
		}
		t.Logf("depth %s, record %s", depth(first.Object), first.Object.GetAnnotations()[recordAnnotation])
		second := apply(t, objects.Mutual("mutation", "once", "deep"), "team")
		if first.Object.GetResourceVersion() != second.Object.GetResourceVersion() {
			t.Errorf("a second apply changes it:\n%v\n%v", first.Object.Object, second.Object.Object)
		}
		third := admin.Update(t.Context(), second.Object)
		accepted(t, "an update without a change", third)
		if third.Err == nil && third.Object.GetResourceVersion() != second.Object.GetResourceVersion() {
			t.Errorf("an update without a change is one:\n%v\n%v", second.Object.Object, third.Object.Object)
		}
	})
	t.Run("two field managers do not fight", func(t *testing.T) {
		one := objects.Mutual("mutation", "two", "deep")
		apply(t, one, "team")
		other := objects.Read(`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: two, namespace: mutation, labels: {cost-centre: "7"}}}`)
		apply(t, other, "finance")
		settled := apply(t, one, "team")
		for range 3 {
			apply(t, other, "finance")
			again := apply(t, one, "team")
			if again.Object.GetResourceVersion() != settled.Object.GetResourceVersion() {
				t.Fatalf("they go on changing it:\n%v\n%v", settled.Object.Object, again.Object.Object)
			}
		}
		if depth(settled.Object) == "" {
			t.Errorf("the depth is gone: %v", settled.Object.GetAnnotations())
		}
	})
	t.Run("mTLS comes, its bundle grows, mTLS goes", func(t *testing.T) {
		accepted(t, "without mTLS", admin.Apply(t.Context(), objects.Ingress("mutation", "life"), "team"))
		before := apply(t, objects.Mutual("mutation", "life", "shallow"), "team")
		if depth(before.Object) != "" {
			t.Logf("a CA of its own gets depth %s", depth(before.Object))
		}
		answer := admin.MergePatch(t.Context(), objects.Secret("mutation", "shallow", nil), fmt.Sprintf(`{"stringData": {"ca.crt": %q}}`, authority.DeepBundle))
		check(t, answer.Err)
		var deeper requester.Answer
		eventually(t, 5*time.Second, "the depth follows the bundle", func() (bool, string) {
			deeper = apply(t, objects.Mutual("mutation", "life", "shallow"), "team")
			return depth(deeper.Object) == "3" || depth(deeper.Object) == "2", fmt.Sprint(deeper.Object.GetAnnotations())
		})
		t.Logf("depth %s", depth(deeper.Object))
		// An update that knows nothing of our annotations, and one that leaves them where they are.
		gone := apply(t, objects.Ingress("mutation", "life"), "team")
		leftovers(t, gone.Object)
		kept := deeper.Object.DeepCopy()
		annotations := kept.GetAnnotations()
		delete(annotations, "nginx.ingress.kubernetes.io/auth-tls-secret")
		delete(annotations, "nginx.ingress.kubernetes.io/auth-tls-verify-client")
		kept.SetAnnotations(annotations)
		kept.SetResourceVersion(gone.Object.GetResourceVersion())
		answer = admin.Update(t.Context(), kept)
		accepted(t, "an update that keeps what was filled in", answer)
		if answer.Err == nil {
			leftovers(t, answer.Object)
		}
	})
	t.Run("others are left alone", func(t *testing.T) {
		kong := objects.Mutual("mutation", "kong", "deep")
		check(t, unstructured.SetNestedField(kong.Object, "kong", "spec", "ingressClassName"))
		answer := apply(t, kong, "team")
		leftovers(t, answer.Object)
		create(t, objects.TLSSecret("mutation", "edge"))
		istio := apply(t, objects.Gateway("mutation", "edge", "mutation", "edge"), "team")
		if len(istio.Object.GetAnnotations()) > 0 {
			t.Errorf("a Gateway of Istio has got annotations %v", istio.Object.GetAnnotations())
		}
	})
	t.Run("a value of somebody's own stays", func(t *testing.T) {
		own := objects.Mutual("mutation", "own", "deep")
		objects.Annotate(own, depthAnnotation, "9")
		answer := apply(t, own, "team")
		if depth(answer.Object) != "9" || answer.Object.GetAnnotations()[recordAnnotation] != "" {
			t.Errorf("stored with annotations %v", answer.Object.GetAnnotations())
		}
	})
}

// leftovers asks that nothing of ours is on an object.
func leftovers(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	for _, key := range []string{depthAnnotation, recordAnnotation} {
		if value, ok := object.GetAnnotations()[key]; ok {
			t.Errorf("%s has %s: %s", name(object), key, value)
		}
	}
}

// TestRivalMutation has another mutating webhook set the very annotation that ours fills in, in every way that it could:
// the API server calls both again, and it must come to an end.
func TestRivalMutation(t *testing.T) {
	for _, rival := range []struct {
		name string
		// value is what it makes of the depth it finds.
		value func(old string) string
	}{
		{"sets its own always", func(string) string { return "4" }},
		{"sets it where there is none", func(old string) string {
			if old == "" {
				return "5"
			}
			return old
		}},
		{"takes it away", func(string) string { return "" }},
	} {
		t.Run(rival.name, func(t *testing.T) {
			deploy(t, setup{})
			furnish(t)
			namespace(t, "rival")
			create(t, objects.Secret("rival", "deep", map[string]string{"ca.crt": authority.DeepBundle}))
			// Configurations are called in the order of their names.
			for _, order := range []string{"a-rival", "z-rival"} {
				calls, remove := serveRival(t, order, rival.value)
				answers := make([]requester.Answer, 0, 4)
				for range cap(answers) {
					answers = append(answers, admin.Apply(t.Context(), objects.Mutual("rival", order, "deep"), "team"))
				}
				for _, answer := range answers {
					accepted(t, order, answer)
				}
				first, last := answers[1].Object, answers[len(answers)-1].Object
				if first.GetResourceVersion() != last.GetResourceVersion() {
					t.Errorf("%s: it goes on changing:\n%v\n%v", order, first.GetAnnotations(), last.GetAnnotations())
				}
				// Each request calls a webhook once, and once more if another one changed something after it.
				if got := calls.Load(); got > int64(2*len(answers)) {
					t.Errorf("%s: called %d times for %d requests", order, got, len(answers))
				}
				remove()
				t.Logf("%s: depth %q, record %q", order, last.GetAnnotations()[depthAnnotation], last.GetAnnotations()[recordAnnotation])
			}
		})
	}
}

// serveRival runs a mutating webhook until it is removed.
func serveRival(t *testing.T, name string, value func(string) string) (calls *atomic.Int64, remove func()) {
	t.Helper()
	calls = &atomic.Int64{}
	url, bundle := serveWebhook(t, func(request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		calls.Add(1)
		var object unstructured.Unstructured
		if err := json.Unmarshal(request.Object.Raw, &object.Object); err != nil {
			return &admissionv1.AdmissionResponse{}
		}
		old := object.GetAnnotations()[depthAnnotation]
		response := &admissionv1.AdmissionResponse{Allowed: true}
		if wanted := value(old); wanted != old && object.GetAnnotations() != nil {
			op := "add"
			if wanted == "" {
				op = "remove"
			}
			path := "/metadata/annotations/" + strings.ReplaceAll(depthAnnotation, "/", "~1")
			patch, err := json.Marshal([]map[string]string{{"op": op, "path": path, "value": wanted}})
			if err != nil {
				panic(err)
			}
			kind := admissionv1.PatchTypeJSONPatch
			response.Patch, response.PatchType = patch, &kind
		}
		return response
	})
	configuration := objects.Read(fmt.Sprintf(`
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: %s}
webhooks:
  - name: rival.e2e.test
    admissionReviewVersions: [v1]
    clientConfig: {url: %s, caBundle: %s}
    sideEffects: None
    reinvocationPolicy: IfNeeded
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: rival}}
    rules: [{apiGroups: [networking.k8s.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [ingresses]}]
`, name, url, bundle))
	create(t, configuration)
	remove = sync.OnceFunc(func() { check(t, back.Delete(context.Background(), configuration)) })
	t.Cleanup(remove)
	eventually(t, installTimeout, "the rival is called", func() (bool, string) {
		answer := admin.Create(t.Context(), objects.Ingress("rival", "probe"), dryRun)
		return calls.Load() > 0, fmt.Sprint(answer.Err)
	})
	calls.Store(0)
	return calls, remove
}
