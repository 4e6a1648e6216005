package facts_test

import (
	"fmt"
	"testing"

	"github.com/tlsward/tlsward/facts"
)

// TestNames: a list of names in one text is as many references, each with a path of its own, and what names its target to the
// controller is told with it.
func TestNames(t *testing.T) {
	const secret = `
apiVersion: v1
kind: Secret
metadata: {name: old, namespace: shop, labels: {konghq.com/ca-cert: "true", team: shop}}
stringData: {id: 30e144fd-582a-40f7-956c-1fa34308fa9c}
`
	for list, want := range map[string]string{
		"old":             `[old @[metadata annotations konghq.com/ca-certificates-secrets] present]`,
		" old , ,new ":    `[old @[metadata annotations konghq.com/ca-certificates-secrets 0] present new @[metadata annotations konghq.com/ca-certificates-secrets 1] absent]`,
		"infra/old, old":  `[old @[metadata annotations konghq.com/ca-certificates-secrets 1] present malformed infra/old]`,
		"":                `[]`,
		" , ":             `[]`,
		"${NAMESPACE}/ca": `[${NAMESPACE}/ca @[metadata annotations konghq.com/ca-certificates-secrets] unknown]`,
	} {
		document := gather(t, facts.Settings{}, fmt.Sprintf(`
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop, annotations: {konghq.com/ca-certificates-secrets: %q}}
---%s`, list, secret))
		got := []string{}
		refs, _ := document["refs"].(map[string]any)
		found, _ := refs["kong-ca"].([]any)
		for _, element := range found {
			ref, _ := element.(map[string]any)
			got = append(got, fmt.Sprintf("%v @%v %v", ref["name"], ref["path"], ref["presence"]))
			if ref["name"] != "old" {
				continue
			}
			labels, identifiers := ref["labels"].(map[string]any), ref["identifiers"].(map[string]any)
			id, _ := identifiers["id"].(map[string]any)
			if len(labels) != 1 || labels["konghq.com/ca-cert"] != "true" || id["uuid"] != true || len(id["hash"].(string)) != 64 {
				t.Errorf("%q: labels %v, identifiers %v", list, labels, identifiers)
			}
		}
		malformed, _ := document["malformed"].(map[string]any)
		wrong, _ := malformed["kong-ca"].([]any)
		for _, element := range wrong {
			got = append(got, fmt.Sprintf("malformed %v", element.(map[string]any)["text"]))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%q: got %v, want %s", list, got, want)
		}
	}
}
