# METADATA
# title: Controller reads no BackendTLSPolicy of this version
# description: |
#   Kong's controller watches BackendTLSPolicies in version **v1alpha3 only**, and only with the feature gate `GatewayAlpha`. The CRDs
#   of the standard channel serve v1 alone since release 1.4: there Kong sees no policy at all, and calls backends
#   **unencrypted**, without a word in the policy's status.
#
#   Istio reads **v1 only**, since its release 1.28, and so needs the CRDs of release 1.4 or later; with older ones it watches no policy, and
#   says so in istiod's log alone. Before 1.28 it read v1alpha3, and only with `PILOT_ENABLE_ALPHA_GATEWAY_API`.
#
#   The experimental channel serves both versions, and whoever writes one can be read in the other. Write v1alpha3 to show that the
#   cluster has it, or turn the rule off.
# related_resources:
#   - description: Kong, internal/manager/controllerdef.go, RequiredCRDs
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/manager/controllerdef.go
#   - description: Istio, releasenotes/notes/gtw-140.yaml
#     ref: https://istio.io/latest/news/releases/1.28.x/announcing-1.28/change-notes/
#   - description: Istio, pkg/config/schema/gatewayapi/minimumversions.go
#     ref: https://github.com/istio/istio/blob/master/pkg/config/schema/gatewayapi/minimumversions.go
#   - description: Gateway API, release 1.4
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/main/CHANGELOG/1.4-CHANGELOG.md
# custom:
#   severity: warning
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [istio, kong]
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-version-unread"]

import data.lib.backend
import data.lib.mesh
import data.lib.text

findings contains {
	"path": ["apiVersion"],
	"message": sprintf("Kong reads BackendTLSPolicies as v1alpha3 only, and with the feature gate GatewayAlpha, not as %s", [input.id.version]),
	"effect": backend.refused("kong", input.refs),
	"remedy": "install the experimental CRDs, set the gate and write v1alpha3, or annotate the Service for Kong (konghq.com/protocol: https, konghq.com/tls-verify)",
} if {
	input.controllers.kong
	input.id.version != "v1alpha3"
}

findings contains {
	"path": ["apiVersion"],
	"message": sprintf("Istio reads BackendTLSPolicies as v1 only, not as %s", [input.id.version]),
	"effect": sprintf("requests to %s are sent unencrypted if the cluster has no CRDs of release 1.4 or later", [text.targets(input.refs)]),
	"remedy": "install the CRDs of release 1.4 or later, and write v1",
} if {
	input.controllers.istio
	input.id.version != "v1"
	not mesh.before(28)
}

findings contains {
	"path": ["apiVersion"],
	"message": sprintf("Istio before 1.28 reads BackendTLSPolicies as v1alpha3 only, and with PILOT_ENABLE_ALPHA_GATEWAY_API, not as %s", [input.id.version]),
	"effect": sprintf("requests to %s are sent unencrypted", [text.targets(input.refs)]),
	"remedy": "update Istio, or set up TLS in a DestinationRule",
} if {
	input.controllers.istio
	input.id.version != "v1alpha3"
	mesh.before(28)
}
