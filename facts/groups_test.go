package facts_test

import (
	"fmt"
	"testing"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
)

// TestGroupSpelling: what people write for the core group leads where they mean, and what is another group does not.
func TestGroupSpelling(t *testing.T) {
	for group, want := range map[string]string{
		"":              "kong present route backend-ca ConfigMap",
		"core":          "kong present route backend-ca ConfigMap",
		"v1":            "nobody present backend-ca ConfigMap",
		"cert.test/own": "nobody unknown backend-ca ConfigMap.cert.test/own",
	} {
		document := gather(t, facts.Settings{}, fmt.Sprintf(`
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: api, namespace: shop}
spec:
  targetRefs: [{group: %[1]q, kind: Service, name: core}]
  validation: {hostname: api.test, caCertificateRefs: [{group: %[1]q, kind: ConfigMap, name: ca}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ca, namespace: shop}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: api, namespace: shop}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: core}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: kong}
`, group))
		got := "nobody"
		if controllers, _ := document["controllers"].(map[string]any); controllers["kong"] != nil {
			got = "kong"
		}
		refs, _ := document["refs"].(map[string]any)
		ca := refs["backend-ca"].([]any)[0].(map[string]any)
		got += fmt.Sprint(" ", ca["presence"])
		peers, _ := document["peers"].(map[string]any)
		if routes, _ := peers["route"].([]any); len(routes) == 1 {
			got += " route"
		}
		got += " backend-ca " + kube.ID{Group: ca["group"].(string), Kind: ca["kind"].(string)}.GroupKind()
		if got != want {
			t.Errorf("%q: got %s, want %s", group, got, want)
		}
	}
}
