package effective_test

import (
	"fmt"
	"strings"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/effective"
)

// matrix is every controller of Gateway API with every shape of a BackendTLSPolicy that they differ about, a tree for each pair: the table of
// lib/backend.rego and that of the model are two.
func matrix() map[string]map[string]string {
	const ca = "{group: \"\", kind: %s, name: %s}"
	refs := func(list ...string) string { return "caCertificateRefs: [" + strings.Join(list, ", ") + "]" }
	one := refs(fmt.Sprintf(ca, "ConfigMap", "one"))
	shapes := map[string]string{
		"config-map":  one,
		"secret":      refs(fmt.Sprintf(ca, "Secret", "one")),
		"bundle":      refs("{group: certificates.k8s.io, kind: ClusterTrustBundle, name: one}"),
		"certificate": refs("{group: cert-manager.io, kind: Certificate, name: one}"),
		"several":     refs(fmt.Sprintf(ca, "ConfigMap", "one"), fmt.Sprintf(ca, "ConfigMap", "two")),
		"second-bad":  refs(fmt.Sprintf(ca, "ConfigMap", "one"), fmt.Sprintf(ca, "ConfigMap", "gone")),
		"first-bad":   refs(fmt.Sprintf(ca, "ConfigMap", "gone"), fmt.Sprintf(ca, "ConfigMap", "one")),
		"empty":       refs(fmt.Sprintf(ca, "ConfigMap", "empty")),
		"missing":     refs(fmt.Sprintf(ca, "ConfigMap", "gone")),
		"system":      "wellKnownCACertificates: System",
		"other-roots": "wellKnownCACertificates: example.test/roots",
		"names":       one + ", subjectAltNames: [{type: Hostname, hostname: api.shop.svc}]",
		"other-names": one + ", subjectAltNames: [{type: Hostname, hostname: other.shop.svc}]",
	}
	all := map[string]map[string]string{}
	for _, controller := range []string{"envoy-gateway", "nginx-gateway-fabric", "istio", "kgateway", "kong", "cilium", "traefik", "gloo-gateway"} {
		for name, validation := range shapes {
			all["matrix/"+controller+"/"+name] = map[string]string{
				"tree.yaml": strings.ReplaceAll(matrixTree, "VALIDATION", validation),
				config.FileName: "complete: [shop]\ncontrollers:\n  classes: {edge: " + controller + "}\n" +
					"  settings: {kong: {feature-gates: GatewayAlpha=true}}\n",
			}
		}
	}
	return all
}

// policyEffects are what rules say of the requests that the policy of a tree of the matrix is for, and rows do not.
func policyEffects(j *judged) (wrong []string) {
	for i := range j.findings {
		f := &j.findings[i]
		_, of, found := strings.Cut(f.Effect, "requests to Service shop/api ")
		if f.Object.Kind != "BackendTLSPolicy" || !found || !strings.HasPrefix(f.Rule, "gateway-api/") {
			continue
		}
		for k := range j.rows {
			r := &j.rows[k]
			answer, upstream := *r.Value(effective.Answer), *r.Value(effective.Upstream)
			// Whoever verifies against no CA refuses what is shown.
			refuses := r.Value(effective.Verification).Is == effective.Name && r.Value(effective.UpstreamCA).Is == effective.None
			fails := strings.HasPrefix(answer.Is, "5") || answer.Unknown != "" || refuses
			switch {
			case r.Path == "":
			case of == "fail with 5xx" && f.Rule != "gateway-api/backend-roots-private-host" && !fails,
				strings.HasPrefix(of, "are sent unencrypted") && !open(upstream, effective.Plain) && !strings.Contains(upstream.Assumed, "v1alpha3"):
				wrong = append(wrong, f.Rule+": "+f.Headline()+"\n\tyet "+written(r))
			}
		}
	}
	return wrong
}

const matrixTree = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: edge
  listeners:
    - name: https
      port: 443
      protocol: HTTPS
      hostname: api.shop.test
      tls: {certificateRefs: [{name: api-tls}]}
---
apiVersion: v1
kind: Secret
metadata: {name: api-tls, namespace: shop}
type: kubernetes.io/tls
data:
  tls.crt: <<certificate api.shop.test corp>>
  tls.key: <<key api.shop.test corp>>
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: api, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  hostnames: [api.shop.test]
  rules: [{backendRefs: [{name: api, port: 8443}]}]
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {ports: [{port: 8443}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: api, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: api}]
  validation: {hostname: api.shop.svc, VALIDATION}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: shop}
binaryData:
  ca.crt: <<ca corp>>
---
apiVersion: v1
kind: ConfigMap
metadata: {name: two, namespace: shop}
binaryData:
  ca.crt: <<ca other>>
---
apiVersion: v1
kind: ConfigMap
metadata: {name: empty, namespace: shop}
data:
  ca.crt: ""
---
apiVersion: v1
kind: Secret
metadata: {name: one, namespace: shop}
data:
  ca.crt: <<ca corp>>
`
