package e2e

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/requester"
	"github.com/tlsward/tlsward/test/e2e/scenes"
)

// TestReleases installs each set of Gateway API's CRDs into a cluster where tlsward runs already: their kinds are judged
// without a restart, in the versions that there are, and no kind that is missing keeps anything else from being judged.
func TestReleases(t *testing.T) {
	check(t, plane.UninstallGateways(t.Context()))
	defer func() {
		check(t, plane.UninstallGateways(t.Context()))
		check(t, plane.InstallGateways(t.Context(), controlplane.Newest))
	}()
	in := deploy(t, setup{})
	for _, class := range []*unstructured.Unstructured{objects.IngressClass("nginx", "k8s.io/ingress-nginx")} {
		create(t, class)
	}
	namespace(t, "releases")
	refused(t, "an Ingress, without Gateway API", admin.Create(t.Context(), bad("releases", "bad")), caMissing)
	for _, release := range controlplane.Releases {
		for _, channel := range []string{"standard", "experimental"} {
			set := controlplane.Gateways{Release: release, Channel: channel}
			t.Run(set.String(), func(t *testing.T) {
				began := time.Now()
				check(t, plane.InstallGateways(t.Context(), set))
				judged(t, objects.Gateway("releases", "edge", "releases", "no-such-certificate"), "gateway-api/listener-certificate-missing")
				t.Logf("Gateways are judged %s after their CRD was installed", time.Since(began).Round(time.Millisecond))
				policy := objects.BackendPolicy("releases", "policy", "no-such-ca")
				version, served := servedVersion(t, policy)
				if served {
					policy.SetAPIVersion(version)
					judged(t, policy, "gateway-api/backend-ca-missing")
				}
				t.Logf("BackendTLSPolicy: %s", version)
				if !in.Pods()[0].IsReady() {
					t.Error("not ready")
				}
				check(t, plane.UninstallGateways(t.Context()))
			})
		}
	}
	refused(t, "an Ingress, without Gateway API once more", admin.Create(t.Context(), bad("releases", "again")), caMissing)
}

// judged asks until a rule speaks of an object, as a refusal or as a warning; a class that nobody knows makes the
// difference.
func judged(t *testing.T, object *unstructured.Unstructured, rule string) {
	t.Helper()
	eventually(t, 40*time.Second, rule+" speaks of "+name(object), func() (bool, string) {
		answer := admin.Create(t.Context(), object)
		if answer.Err == nil {
			check(t, back.Delete(t.Context(), object))
		}
		said := answer.Refusal(domain) + strings.Join(answer.Warnings, "\n")
		return strings.Contains(said, rule), fmt.Sprint(answer.Err, answer.Warnings)
	})
}

// servedVersion is the version of a kind that the API server prefers.
func servedVersion(t *testing.T, object *unstructured.Unstructured) (string, bool) {
	t.Helper()
	// One who remembers nothing of former sets.
	fresh, err := requester.New(plane.Config)
	check(t, err)
	mapping, err := fresh.RESTMapper().RESTMapping(object.GroupVersionKind().GroupKind())
	if err != nil {
		if meta.IsNoMatchError(err) {
			return "not served", false
		}
		return err.Error(), false
	}
	return mapping.GroupVersionKind.GroupVersion().String(), true
}

// TestRestored creates everything that is wrong in any scene, all at once, as a restore from backup does, with tlsward in
// warn mode: nothing is refused, and what would be is counted. A pod that starts in such a cluster becomes ready.
func TestRestored(t *testing.T) {
	list, err := scenes.Read()
	check(t, err)
	served := serveAllKinds(t, list)
	defer served()
	in := deploy(t, setup{config: "admission: {mode: warn}\n", now: list[0].Now})
	created, invalid := 0, 0
	for number, scene := range list {
		for _, object := range apartFrom(t, scene, number) {
			if _, err := admin.RESTMapper().RESTMapping(object.GroupVersionKind().GroupKind(), object.GroupVersionKind().Version); err != nil {
				invalid++
				continue
			}
			if object.GetNamespace() != "" {
				namespace(t, object.GetNamespace())
			}
			answer := admin.Create(t.Context(), object)
			switch {
			case answer.Err == nil:
				created++
				// Not left to wipe, which does not know all kinds of the scenes.
				defer func() { check(t, back.Delete(context.Background(), answer.Object)) }()
			case answer.Refusal(domain) != "" || answer.Unanswered():
				t.Errorf("%s: %s: %v", scene.File, name(object), answer.Err)
			case apierrors.IsInvalid(answer.Err), apierrors.IsBadRequest(answer.Err), apierrors.IsAlreadyExists(answer.Err):
				invalid++
			default:
				t.Errorf("%s: %s: %v", scene.File, name(object), answer.Err)
			}
		}
	}
	metrics, err := in.Metrics(t.Context())
	check(t, err)
	wouldDeny := metrics.Sum("tlsward_would_deny_total", nil)
	if wouldDeny == 0 {
		t.Error("nothing is counted in tlsward_would_deny_total")
	}
	t.Logf("%d objects created, %d that no API server takes; %.0f findings would have denied", created, invalid, wouldDeny)
	check(t, in.Roll(t.Context()))
}

// apartFrom has a scene play in namespaces of its own, for scenes have the same names in them.
func apartFrom(t *testing.T, scene scenes.Scene, number int) []*unstructured.Unstructured {
	t.Helper()
	if scene.Unreadable != nil {
		return nil
	}
	suffix := fmt.Sprintf("-%d", number)
	apart := make([]*unstructured.Unstructured, 0, len(scene.Objects))
	for _, object := range scene.Objects {
		text, err := yaml.Marshal(object.Object)
		check(t, err)
		renamed := inNamespace.ReplaceAll(text, []byte("${1}${2}"+suffix+"${3}"))
		var fields map[string]any
		check(t, yaml.Unmarshal(renamed, &fields))
		moved := objects.ReadAll(string(renamed))[0]
		mapping, err := admin.RESTMapper().RESTMapping(moved.GroupVersionKind().GroupKind())
		if err == nil && mapping.Scope.Name() == meta.RESTScopeNameRoot {
			moved.SetName(moved.GetName() + suffix)
			apart = append(apart, moved)
			continue
		}
		if moved.GetNamespace() == "" {
			moved.SetNamespace("unset" + suffix)
		}
		apart = append(apart, moved)
	}
	return apart
}

// inNamespace finds the namespaces of the scenes, where one stands alone and before the name of a Secret.
var inNamespace = regexp.MustCompile(`(?m)((?:namespace|auth-tls-secret|proxy-ssl-secret): ?"?)(shop|certs|test|edge|security|staging)(/|"?$)`)
