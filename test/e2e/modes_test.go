package e2e

import (
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/requester"
)

// TestModes has the same object judged in every mode: that of the config, changed while pods run, and that of a namespace,
// which also works while no pod runs at all.
func TestModes(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	for mode, labels := range map[string]string{"": "", "warn": "warn", "off": "off", "enforce": "enforce"} {
		name := "mode-" + mode
		if mode == "" {
			name = "mode-none"
		}
		namespace(t, name)
		if labels != "" {
			setMode(t, name, labels)
		}
	}
	ask := func(namespace string) requester.Answer {
		answer := admin.Create(t.Context(), bad(namespace, "bad"))
		if answer.Err == nil {
			check(t, back.Delete(t.Context(), answer.Object))
		}
		return answer
	}
	// The API server watches namespaces, too.
	time.Sleep(200 * time.Millisecond)
	want := func(namespace, what string) {
		t.Helper()
		answer := ask(namespace)
		switch what {
		case "refused":
			refused(t, namespace, answer, caMissing)
		case "warned":
			accepted(t, namespace, answer)
			if !strings.Contains(strings.Join(answer.Warnings, "\n"), "would be denied") {
				t.Errorf("%s: want a warning of a denial, got %q", namespace, answer.Warnings)
			}
		case "silent":
			accepted(t, namespace, answer)
			if len(rulesOf(answer.Warnings)) > 0 {
				t.Errorf("%s: want silence, got %q", namespace, answer.Warnings)
			}
		}
	}
	want("mode-none", "refused")
	want("mode-warn", "warned")
	want("mode-off", "silent")
	want("mode-enforce", "refused")
	reconfigure(t, in, whole("admission: {mode: warn}\n"))
	want("mode-none", "warned")
	want("mode-enforce", "refused")
	metrics, err := in.Metrics(t.Context())
	check(t, err)
	if metrics.Sum("tlsward_would_deny_total", map[string]string{"rule": caMissing, "namespace": "mode-none"}) == 0 {
		t.Error("what would have been denied in mode-none is not counted")
	}
	reconfigure(t, in, whole("admission: {mode: off}\n"))
	want("mode-none", "silent")
	want("mode-enforce", "refused")
	reconfigure(t, in, whole("actions: [{rules: [ingress-nginx/*], action: deny, enforceFrom: 2099-01-31}]\n"))
	answer := ask("mode-none")
	accepted(t, "before the date", answer)
	if !strings.Contains(strings.Join(answer.Warnings, "\n"), "2099-01-31") {
		t.Errorf("the date is not in the warning: %q", answer.Warnings)
	}
	check(t, in.Pods()[0].Stop())
	want("mode-off", "silent")
	want("mode-warn", "silent")
	if answer := ask("mode-enforce"); !answer.Unanswered() {
		t.Errorf("mode-enforce, without a pod: want it to fail closed, got %v", answer.Err)
	}
}

// setMode labels a namespace past the policy that says who may.
func setMode(t *testing.T, namespace, mode string) {
	t.Helper()
	object := objects.Read(`{apiVersion: v1, kind: Namespace, metadata: {name: ` + namespace + `}}`)
	check(t, back.MergePatch(t.Context(), object, `{"metadata": {"labels": {"tlsward.dev/mode": "`+mode+`"}}}`).Err)
}

// TestWhoSetsModes has somebody who may edit Namespaces switch tlsward off in one: that takes a permission of its own.
func TestWhoSetsModes(t *testing.T) {
	deploy(t, setup{})
	namespace(t, "who")
	for _, object := range objects.ReadAll(`
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: e2e-namespaces}, rules: [{apiGroups: [""], resources: [namespaces], verbs: ["*"]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: e2e-namespaces}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: e2e-namespaces}, subjects: [{kind: User, name: erin, apiGroup: rbac.authorization.k8s.io}, {kind: User, name: sam, apiGroup: rbac.authorization.k8s.io}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: e2e-setter}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tlsward-mode-setter}, subjects: [{kind: User, name: sam, apiGroup: rbac.authorization.k8s.io}]}
`) {
		if answer := back.Create(t.Context(), object); answer.Err != nil && !apierrors.IsAlreadyExists(answer.Err) {
			t.Fatal(answer.Err)
		}
	}
	as := func(user, patch string) error {
		config, err := plane.User(user)
		check(t, err)
		somebody, err := requester.New(config)
		check(t, err)
		return somebody.MergePatch(t.Context(), objects.Read(`{apiVersion: v1, kind: Namespace, metadata: {name: who}}`), patch).Err
	}
	off := `{"metadata": {"labels": {"tlsward.dev/mode": "off"}}}`
	// The API server compiles a new policy within a second or so.
	eventually(t, 20*time.Second, "an editor of namespaces may not", func() (bool, string) {
		err := as("erin", off)
		if err == nil {
			check(t, back.MergePatch(t.Context(), objects.Read(`{apiVersion: v1, kind: Namespace, metadata: {name: who}}`), `{"metadata": {"labels": {"tlsward.dev/mode": null}}}`).Err)
		}
		return apierrors.IsForbidden(err), errorText(err)
	})
	check(t, as("erin", `{"metadata": {"labels": {"team": "edge"}}}`))
	check(t, as("sam", off))
	if err := as("sam", `{"metadata": {"labels": {"tlsward.dev/mode": "sometimes"}}}`); err == nil {
		t.Error("a mode that is none is accepted")
	}
	check(t, as("sam", `{"metadata": {"labels": {"tlsward.dev/mode": null}}}`))
}

// TestOneOfMany: the chart gives the program what its config extends, and the name of the cluster, whose part counts.
func TestOneOfMany(t *testing.T) {
	deploy(t, setup{
		config: "extends: [platform.yaml]\nadmission: {mode: warn}\nclusters: {prod: {admission: {mode: enforce}}, dev: {}}\n",
		values: map[string]any{
			"clusterName": "prod",
			"configFiles": map[string]any{"platform.yaml": "locked: [actions]\nactions: [{rules: [" + caMissing + "], namespaces: [many-warn], action: warn}]\n"},
		},
	})
	furnish(t)
	namespace(t, "many-warn")
	namespace(t, "many-deny")
	accepted(t, "what the platform warns of", admin.Create(t.Context(), bad("many-warn", "bad")))
	refused(t, "what nobody says of, in prod", admin.Create(t.Context(), bad("many-deny", "bad")), caMissing)
}
