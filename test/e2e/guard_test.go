package e2e

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/requester"
)

// guardCalls is how often the guard has been asked.
func guardCalls(t testing.TB, in *install.Installation) float64 {
	t.Helper()
	metrics, err := in.Metrics(t.Context())
	check(t, err)
	return metrics.Sum("tlsward_admission_duration_seconds", map[string]string{"door": "guard"})
}

// trusting makes objects that rest on others, and returns those: a Secret, a ConfigMap, a Service and a ReferenceGrant.
func trusting(t *testing.T) (ca, bundle, service, grant *unstructured.Unstructured) {
	t.Helper()
	furnish(t)
	for _, name := range []string{"guarded", "infra"} {
		namespace(t, name)
	}
	ca, bundle = objects.Secret("guarded", "ca", caData), objects.ConfigMap("guarded", "backend-ca", caData)
	service = objects.Read(`{apiVersion: v1, kind: Service, metadata: {name: pay, namespace: guarded}, spec: {ports: [{port: 443}]}}`)
	grant = objects.Grant("infra", "gateways", "guarded", "web")
	for _, object := range []*unstructured.Unstructured{
		ca, bundle, service, objects.TLSSecret("infra", "web"), grant,
		objects.Mutual("guarded", "api", "ca"), objects.BackendPolicy("guarded", "pay", "backend-ca"), objects.Gateway("guarded", "edge", "infra", "web"),
	} {
		if answer := back.Create(t.Context(), object); answer.Err != nil {
			t.Fatal(answer.Err)
		}
	}
	setMode(t, "guarded", "") // another test may have left one
	return ca, bundle, service, grant
}

// erase is a deletion of which the warnings are heard.
func erase(t testing.TB, by *requester.Requester, object *unstructured.Unstructured) requester.Answer {
	t.Helper()
	return by.Erase(t.Context(), object)
}

// mergeData is a merge patch of one key of a Secret or ConfigMap; "" takes it away.
func mergeData(object *unstructured.Unstructured, key, value string) string {
	switch {
	case value == "":
		return fmt.Sprintf(`{"data": {%q: null}}`, key)
	case object.GetKind() == "Secret":
		return fmt.Sprintf(`{"data": {%q: %q}}`, key, base64.StdEncoding.EncodeToString([]byte(value)))
	default:
		return fmt.Sprintf(`{"data": {%q: %q}}`, key, value)
	}
}

// TestGuardRefuses: each harmful change is refused by the rule that would have refused its outcome, and takes its way once somebody
// says that it is meant.
func TestGuardRefuses(t *testing.T) {
	in := deploy(t, setup{config: "admission: {mode: enforce, guard: deny}"})
	ca, bundle, service, grant := trusting(t)
	settled(t, ca)
	for _, test := range []struct {
		what string
		do   func() requester.Answer
		rule string
	}{
		{"a CA in a Secret is deleted", func() requester.Answer { return erase(t, admin, ca) }, "ingress-nginx/client-ca-missing"},
		{"a Secret loses ca.crt", func() requester.Answer {
			return admin.MergePatch(t.Context(), ca, mergeData(ca, "ca.crt", ""))
		}, "ingress-nginx/client-ca-without-certificate"},
		{"garbage comes into a Secret", func() requester.Answer {
			return admin.MergePatch(t.Context(), ca, mergeData(ca, "ca.crt", "garbage"))
		}, "ingress-nginx/client-ca-without-certificate"},
		{"a CA in a ConfigMap is deleted", func() requester.Answer { return erase(t, admin, bundle) }, "gateway-api/backend-ca-missing"},
		{"garbage comes into a ConfigMap", func() requester.Answer {
			return admin.MergePatch(t.Context(), bundle, mergeData(bundle, "ca.crt", "garbage"))
		}, "gateway-api/backend-ca-unusable"},
		{"a Service is deleted", func() requester.Answer { return erase(t, admin, service) }, "gateway-api/backend-policy-target-missing"},
		{"a grant is revoked", func() requester.Answer { return erase(t, admin, grant) }, "gateway-api/listener-certificate-missing"},
		{"a grant is narrowed", func() requester.Answer {
			return admin.MergePatch(t.Context(), grant, `{"spec": {"to": [{"group": "", "kind": "Secret", "name": "other"}]}}`)
		}, "gateway-api/listener-certificate-missing"},
	} {
		refused(t, test.what, test.do(), test.rule)
	}
	check(t, admin.MergePatch(t.Context(), ca, `{"metadata": {"annotations": {"tlsward.dev/guard": "off"}}}`).Err)
	accepted(t, "a deletion that is meant", erase(t, admin, ca))
	setMode(t, "guarded", "off")
	accepted(t, "where the mode is off", erase(t, admin, bundle))
	if guardCalls(t, in) == 0 {
		t.Error("no call was counted")
	}
}

// settled waits until the webhook has seen what was made: then a harmful change is refused, here by a dry run.
func settled(t *testing.T, ca *unstructured.Unstructured) {
	t.Helper()
	eventually(t, 30*time.Second, "the guard knows what refers to what", func() (bool, string) {
		answer := admin.MergePatch(t.Context(), ca, mergeData(ca, "ca.crt", ""), dryRun)
		return answer.Err != nil || len(answer.Warnings) > 0, fmt.Sprint(answer.Err)
	})
}

// TestGuardWarns: where nobody asked for refusals, everything passes, and is spoken of.
func TestGuardWarns(t *testing.T) {
	deploy(t, setup{config: "admission: {mode: enforce, guard: warn}"})
	ca, bundle, _, _ := trusting(t)
	settled(t, ca)
	answer := admin.MergePatch(t.Context(), bundle, mergeData(bundle, "ca.crt", authority.Other.PEM))
	accepted(t, "a CA is replaced", answer)
	if !slices.Contains(rulesOf(answer.Warnings), "guard/ca-replaced") {
		t.Errorf("a CA is replaced without overlap: %v", answer.Warnings)
	}
	answer = erase(t, admin, ca)
	accepted(t, "a CA is deleted", answer)
	if !slices.Contains(rulesOf(answer.Warnings), "ingress-nginx/client-ca-missing") {
		t.Errorf("a CA is deleted: %v", answer.Warnings)
	}
}

// exempt are the service accounts whose changes are never looked at.
var exempt = []string{
	"system:serviceaccount:kube-system:generic-garbage-collector", "system:serviceaccount:kube-system:namespace-controller",
	"system:serviceaccount:cert-manager:cert-manager", "system:serviceaccount:cert-manager:trust-manager",
	"system:serviceaccount:external-secrets:external-secrets", "system:serviceaccount:kube-system:sealed-secrets-controller",
}

// TestGuardAllows: what must not be held up passes, without a word and, but for the end of a namespace, without a call; so do a
// thousand records of Helm and two hundred leader elections.
func TestGuardAllows(t *testing.T) {
	in := deploy(t, setup{config: "admission: {mode: enforce, guard: deny}"})
	ca, _, _, _ := trusting(t)
	settled(t, ca)
	for i, user := range exempt {
		binding := objects.Read(fmt.Sprintf(`{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: e2e-exempt-%d}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}, subjects: [{kind: User, name: %q, apiGroup: rbac.authorization.k8s.io}]}`, i, user))
		if answer := back.Create(t.Context(), binding); answer.Err != nil && !apierrors.IsAlreadyExists(answer.Err) {
			t.Fatal(answer.Err)
		}
	}
	before := guardCalls(t, in)
	silent := func(what string, answer requester.Answer) {
		t.Helper()
		accepted(t, what, answer)
		if len(answer.Warnings) > 0 {
			t.Errorf("%s: %v", what, answer.Warnings)
		}
	}
	for _, user := range exempt {
		config, err := plane.User(user)
		check(t, err)
		somebody, err := requester.New(config)
		check(t, err)
		eventually(t, 10*time.Second, user+" may delete", func() (bool, string) {
			answer := erase(t, somebody, ca)
			if answer.Err == nil {
				silent(user, answer)
			}
			return answer.Err == nil, fmt.Sprint(answer.Err)
		})
		check(t, back.Create(t.Context(), objects.Secret("guarded", "ca", caData)).Err)
	}
	silent("metadata", admin.MergePatch(t.Context(), ca, `{"metadata": {"annotations": {"a": "b"}, "labels": {"a": "b"}}}`))

	release := objects.Read(`{apiVersion: v1, kind: Secret, type: helm.sh/release.v1, metadata: {name: sh.helm.release.v1.shop.v1, namespace: guarded, labels: {owner: helm}}, stringData: {release: first}}`)
	check(t, back.Create(t.Context(), release).Err)
	for i := range 1000 {
		silent("a Helm release", admin.MergePatch(t.Context(), release, mergeData(release, "release", strings.Repeat("x", i+1))))
	}
	silent("a Helm release", erase(t, admin, release))
	election := objects.Read(`{apiVersion: v1, kind: ConfigMap, metadata: {name: leader, namespace: guarded, annotations: {control-plane.alpha.kubernetes.io/leader: "0"}}}`)
	check(t, back.Create(t.Context(), election).Err)
	for i := range 200 {
		silent("a leader election", admin.MergePatch(t.Context(), election,
			fmt.Sprintf(`{"metadata": {"annotations": {"control-plane.alpha.kubernetes.io/leader": "%d"}}, "data": {"n": "%d"}}`, i+1, i)))
	}
	silent("a leader election", erase(t, admin, election))
	for _, text := range []string{
		`{apiVersion: v1, kind: Secret, type: bootstrap.kubernetes.io/token, metadata: {name: bootstrap-token-abcdef, namespace: guarded}, stringData: {a: b}}`,
		`{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: token, namespace: guarded, annotations: {kubernetes.io/service-account.name: default}}}`,
	} {
		token := objects.Read(text)
		check(t, back.Create(t.Context(), token).Err)
		silent("a token", erase(t, admin, token))
	}
	if calls := guardCalls(t, in) - before; calls != 0 {
		t.Errorf("%v calls of the guard, want none", calls)
	}

	// Nobody empties namespaces here, so that one ends for as long as the test likes.
	namespace(t, "guard-ending")
	check(t, back.Create(t.Context(), objects.Secret("guard-ending", "ca", caData)).Err)
	check(t, back.Create(t.Context(), objects.Mutual("guard-ending", "api", "ca")).Err)
	ending := objects.Secret("guard-ending", "ca", caData)
	settled(t, ending)
	check(t, back.Delete(t.Context(), objects.Read(`{apiVersion: v1, kind: Namespace, metadata: {name: guard-ending}}`)))
	silent("in a namespace that ends", erase(t, admin, ending))
	if guardCalls(t, in) == before {
		t.Error("no call was counted for what is judged")
	}
}
