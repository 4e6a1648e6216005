package facts_test

import (
	"encoding/json"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// TestSchedule: of objects that a provider gives a schedule, and of no variables.
func TestSchedule(t *testing.T) {
	cronJob := func(name, schedule string) string {
		return "{apiVersion: batch/v1, kind: CronJob, metadata: {name: " + name + "}, spec: {schedule: " + schedule + "}}"
	}
	for _, test := range []struct{ manifest, want string }{
		{cronJob("gloo", "'0 3 1 * *'"), `{"longest":2678400,"never":false,"path":["spec","schedule"],"shortest":2419200,"text":"0 3 1 * *"}`},
		{cronJob("gloo", "'0 3 31 2 *'"), `{"never":true,"path":["spec","schedule"],"text":"0 3 31 2 *"}`},
		{cronJob("gloo", "TZ=UTC"), `{"defect":"a time zone belongs into timeZone","path":["spec","schedule"],"text":"TZ=UTC"}`},
		{cronJob("gloo", "'${SCHEDULE}'"), `null`},
		{cronJob("gloo", "1"), `null`},
		{cronJob("backup", "'0 3 1 * *'"), `null`},
	} {
		if got, err := json.Marshal(gather(t, facts.Settings{}, test.manifest)["schedule"]); err != nil || string(got) != test.want {
			t.Errorf("%s: got %s (%v), want %s", test.manifest, got, err, test.want)
		}
	}
}

// TestAnchored: of references that have anchors, where both are in sight; and only of the names that are meant.
func TestAnchored(t *testing.T) {
	m := pkitest.New("facts", now)
	ca, other := m.Root("ca"), m.Root("other")
	leaf := m.Leaf(ca, "gloo")
	const deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: gloo, namespace: gloo-system}\n" +
		"spec: {template: {spec: {volumes: [{secret: {secretName: gloo-mtls-certs}}, {secret: {secretName: others}}]}}}\n"
	for name, test := range map[string]struct {
		data map[string]any
		want any
	}{
		"signed":        {map[string]any{"tls.crt": leaf.CertPEM, "ca.crt": other.CertPEM + ca.CertPEM}, true},
		"not signed":    {map[string]any{"tls.crt": leaf.CertPEM, "ca.crt": other.CertPEM}, false},
		"no CA":         {map[string]any{"tls.crt": leaf.CertPEM}, nil},
		"an empty CA":   {map[string]any{"tls.crt": leaf.CertPEM, "ca.crt": ""}, nil},
		"a variable":    {map[string]any{"tls.crt": "${CERTIFICATE}", "ca.crt": ca.CertPEM}, nil},
		"no Secret yet": {nil, nil},
	} {
		manifests := deployment
		if test.data != nil {
			secret, err := yaml.Marshal(map[string]any{
				"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "gloo-mtls-certs", "namespace": "gloo-system"},
				"stringData": test.data,
			})
			if err != nil {
				t.Fatal(err)
			}
			manifests += "\n---\n" + string(secret)
		}
		refs := gather(t, facts.Settings{}, manifests)["refs"].(map[string]any)["gloo-mtls-certificate"].([]any)
		if len(refs) != 1 {
			t.Fatalf("%s: %d references", name, len(refs))
		}
		if got := refs[0].(map[string]any)["anchored"]; got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
