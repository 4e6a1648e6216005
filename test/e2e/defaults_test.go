package e2e

import (
	"context"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/objects"
)

// TestDefaultsTakenAway: what the webhook has set in a cluster is listed; it is taken away when that is asked for twice, while values
// that somebody has changed stay; and as long as the webhook would set it again, nothing is written and the reason is said.
func TestDefaultsTakenAway(t *testing.T) {
	deploy(t, setup{})
	furnish(t)
	namespace(t, "taken")
	create(t, objects.Secret("taken", "deep", map[string]string{"ca.crt": authority.DeepBundle}))
	eventually(t, 10*time.Second, "a depth is filled in", func() (bool, string) {
		answer := admin.Apply(t.Context(), objects.Mutual("taken", "web", "deep"), "team")
		accepted(t, "web", answer)
		return answer.Object.GetAnnotations()[recordAnnotation] != "", ""
	})
	// Somebody makes the value of another one theirs, past the webhook.
	accepted(t, "own", admin.Apply(t.Context(), objects.Mutual("taken", "own", "deep"), "team"))
	check(t, back.MergePatch(t.Context(), objects.Mutual("taken", "own", "deep"), `{"metadata": {"annotations": {"`+depthAnnotation+`": "9"}}}`).Err)
	read := func(name string) *unstructured.Unstructured {
		t.Helper()
		object := objects.Mutual("taken", name, "deep")
		check(t, back.Get(t.Context(), client.ObjectKeyFromObject(object), object))
		return object
	}
	before := read("web")
	who := withKubeconfig(t, plane.Config)

	listed := who.call(t, "defaults", "--list", "--cluster", "--namespace", "taken")
	listed.wants(t, 0, "Ingress taken/web", depthAnnotation, "Ingress taken/own", `somebody has made that "9": theirs`, "1 value in 1 object set by tlsward")

	t.Run("while the webhook enforces", func(t *testing.T) {
		said := who.call(t, "defaults", "--remove", "--cluster", "--namespace", "taken", "--yes")
		said.wants(t, 2, "Ingress taken/web", "stays: the webhook sets them again")
		if got := read("web"); got.GetResourceVersion() != before.GetResourceVersion() {
			t.Errorf("it was written: %v", got.GetAnnotations())
		}
	})

	off := objects.Read(`{apiVersion: v1, kind: Namespace, metadata: {name: taken}}`)
	check(t, back.MergePatch(t.Context(), off, `{"metadata": {"labels": {"tlsward.dev/mode": "off"}}}`).Err)
	t.Cleanup(func() {
		_ = back.MergePatch(context.WithoutCancel(t.Context()), off, `{"metadata": {"labels": {"tlsward.dev/mode": null}}}`)
	})
	var planned said
	eventually(t, 10*time.Second, "the API server knows of the label", func() (bool, string) {
		planned = who.call(t, "defaults", "--remove", "--cluster", "--namespace", "taken")
		return planned.code == 0, planned.err + planned.out
	})
	planned.wants(t, 0, "1 value in 1 object would be taken away; nothing is changed without --yes")
	if got := read("web"); got.GetResourceVersion() != before.GetResourceVersion() {
		t.Errorf("a plan was written: %v", got.GetAnnotations())
	}
	who.call(t, "defaults", "--remove", "--cluster", "--namespace", "taken", "--yes").wants(t, 0, "1 value in 1 object taken away")
	for name, depth := range map[string]string{"web": "", "own": "9"} {
		annotations := read(name).GetAnnotations()
		if _, recorded := annotations[recordAnnotation]; recorded || annotations[depthAnnotation] != depth || annotations["nginx.ingress.kubernetes.io/auth-tls-secret"] == "" {
			t.Errorf("%s is left with %v", name, annotations)
		}
	}
	if again := who.call(t, "defaults", "--cluster", "--namespace", "taken"); again.code != 0 || !strings.Contains(again.out, "nothing here was set by tlsward") {
		t.Errorf("afterwards: exit %d, %s%s", again.code, again.out, again.err)
	}
}
