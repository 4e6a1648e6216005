# METADATA
# title: Controller takes one CA reference only
# description: |
#   The specification has implementations support **one** entry of `caCertificateRefs`; more of them is up to each. Istio and
#   kgateway take the first and ignore the rest: backends with a certificate of another CA are refused, which shows on the day on
#   which a CA is replaced. NGINX Gateway Fabric and Cilium refuse the policy. Envoy Gateway, Kong and Traefik take all.
#
#   One ConfigMap may hold several CAs under `ca.crt`, one after the other.
# related_resources:
#   - description: BackendTLSPolicy, caCertificateRefs
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
#   - description: NGINX Gateway Fabric, internal/controller/state/graph/backend_tls_policy.go
#     ref: https://github.com/nginx/nginx-gateway-fabric/blob/main/internal/controller/state/graph/backend_tls_policy.go
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [istio, nginx-gateway-fabric, cilium, kgateway]
#   triggers: [references]
#   since: v0.1.0
package policies["gateway-api"]["backend-ca-several"]

import data.lib.backend
import data.lib.text

findings contains {
	"path": refs[1].path,
	"message": sprintf("%s refuses a policy with more than one CA reference", [backend.controllers[name].title]),
	"effect": backend.refused(name, input.refs),
	"remedy": "put all CAs into one ConfigMap under ca.crt, and refer to that alone",
} if {
	refs := input.refs["backend-ca"]
	count(refs) > 1
	some name, _ in input.controllers
	backend.controllers[name].several == "refused"
}

findings contains {
	"path": refs[1].path,
	"message": sprintf("%s takes the first CA reference only, %s, and not %s", [backend.controllers[name].title, refs[0].label, text.list(ignored)]),
	"effect": sprintf("requests to %s fail with 5xx where its certificate is of an ignored CA", [text.targets(input.refs)]),
	"remedy": "put all CAs into one ConfigMap under ca.crt, and refer to that alone",
	"severity": "warning",
} if {
	refs := input.refs["backend-ca"]
	count(refs) > 1
	some name, _ in input.controllers
	backend.controllers[name].several == "first"
	not backend.switched_off(name)
	ignored := [ref.label | some i, ref in refs; i > 0]
}
