# METADATA
# title: Kong reads no BackendTLSPolicy of this version
# description: |
#   Kong's controller watches BackendTLSPolicies in version **v1alpha3 only**, and only with the feature gate `GatewayAlpha`. The CRDs
#   of the standard channel serve v1 alone since release 1.4: there Kong sees no policy at all, and calls backends
#   **unencrypted**, without a word in the policy's status.
#
#   The experimental channel serves both versions, and whoever writes one can be read in the other. Write v1alpha3 to show that the
#   cluster has it, or turn the rule off.
# related_resources:
#   - description: Kong, internal/manager/controllerdef.go, RequiredCRDs
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/manager/controllerdef.go
#   - description: Gateway API, release 1.4
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/main/CHANGELOG/1.4-CHANGELOG.md
# custom:
#   severity: warning
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [kong]
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-version-unread"]

import data.lib.backend

findings contains {
	"path": ["apiVersion"],
	"message": sprintf("Kong reads BackendTLSPolicies as v1alpha3 only, and with the feature gate GatewayAlpha, not as %s", [input.id.version]),
	"effect": backend.refused("kong", input.refs),
	"remedy": "install the experimental CRDs, set the gate and write v1alpha3, or annotate the Service for Kong (konghq.com/protocol: https, konghq.com/tls-verify)",
} if {
	input.controllers.kong
	input.id.version != "v1alpha3"
}
