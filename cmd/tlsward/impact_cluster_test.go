package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestImpactCluster: what a cluster holds is judged by both rulebooks as it would come to the webhook, and what the config says is there
// is there.
func TestImpactCluster(t *testing.T) {
	const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: NAME, namespace: shop, annotations: {nginx.ingress.kubernetes.io/auth-tls-secret: shop/ca, "acme.example/tag": "x"}}
spec: {ingressClassName: nginx, rules: [{host: NAME.shop.test}]}
`
	kubeconfig := smallCluster(t, map[string][]string{
		"/apis/networking.k8s.io/v1/ingresses": {strings.ReplaceAll(ingress, "NAME", "a"), strings.ReplaceAll(ingress, "NAME", "b")},
	})
	dir := writeFiles(t, map[string]string{
		"c.yaml":                   "rulebooks: [{path: rules, version: v1.0}]\nexternal: [Secret shop/ca]\nexemptions: [{rules: [acme/tagged], objects: [Ingress shop/b], reason: known}]\n",
		"rules/rulebook.yaml":      "versions: [{version: v1.0}, {version: v1.1}]\n",
		"rules/acme/provider.yaml": "title: Acme\n",
		"rules/acme/tagged/rule.rego": "# METADATA\n# title: Tagged\n# description: d\n# custom: {severity: error, kinds: [Ingress.networking.k8s.io], since: v1.1}\n" +
			"package policies.acme.tagged\n\nfindings contains {\"path\": [\"metadata\"], \"message\": \"tagged\"} if {\n\tinput.object.metadata.annotations[\"acme.example/tag\"] == \"x\"\n}\n",
	})
	t.Chdir(dir)
	var out, errOut bytes.Buffer
	code := run([]string{"impact", "--cluster", "--kubeconfig", kubeconfig, "--now", "2026-11-01", "--config", "c.yaml", "--rulebook", "rules"}, strings.NewReader(""), &out, &errOut)
	const want = `rulebook v0.1, rules v1.0 -> v0.1, rules v1.1

newly denied: 1 finding
  acme/tagged: Tagged (1 finding)
    added in v1.1
    Ingress shop/a: tagged (note -> deny)
`
	if code != exitDenied || out.String() != want {
		t.Errorf("exit %d\n%s%s\nwant\n%s", code, out.String(), errOut.String(), want)
	}
}

// TestImpactUnreadable: where a kind that would be judged may not be listed, nobody knows what would be denied, and the exit status says so.
func TestImpactUnreadable(t *testing.T) {
	kubeconfig := smallCluster(t, map[string][]string{
		"/apis/networking.k8s.io/v1/ingresses": unlistable(),
		"/api/v1/configmaps":                   {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n"},
	})
	t.Chdir(t.TempDir())
	var out, errOut bytes.Buffer
	code := run([]string{"impact", "--cluster", "--kubeconfig", kubeconfig}, strings.NewReader(""), &out, &errOut)
	if code != exitUnjudged || !strings.Contains(errOut.String(), "tlsward: ingresses.networking.k8s.io: not judged: forbidden\n") {
		t.Errorf("exit %d\n%s", code, errOut.String())
	}
	if !strings.HasSuffix(out.String(), "\nnothing changes in what could be judged\n") {
		t.Error(out.String())
	}
}
