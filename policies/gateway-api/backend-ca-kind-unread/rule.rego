# METADATA
# title: Controller reads no CA of this kind
# description: |
#   Every implementation reads the CA of a BackendTLSPolicy from a ConfigMap. A Secret is read by most: not by Istio and Cilium.
#   A ClusterTrustBundle is read by Envoy Gateway. The policy of another kind gets `ResolvedRefs=False/InvalidKind`, and
#   connections to the backend **fail with 5xx**; Kong takes the policy out and calls the backend **unencrypted**.
#
#   cert-manager writes Secrets only: a trust-manager Bundle makes a ConfigMap of the CA.
# related_resources:
#   - description: BackendTLSPolicy, caCertificateRefs
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
#   - description: Istio, pilot/pkg/config/kube/gateway/backend_policies.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/backend_policies.go
#   - description: Cilium reads no Secret
#     ref: https://github.com/cilium/cilium/issues/47759
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [istio, nginx-gateway-fabric, kong, cilium, kgateway, traefik]
#   triggers: [references]
#   since: v0.1.0
package policies["gateway-api"]["backend-ca-kind-unread"]

import data.lib.backend

findings contains {
	"path": array.concat(ref.path, ["kind"]),
	"message": sprintf("%s reads no CA from a %s, only from %s", [controller.title, ref.kind, controller.reads]),
	"effect": backend.refused(name, input.refs),
	"remedy": "put the CA under ca.crt into a ConfigMap, and refer to that",
} if {
	some ref in input.refs["backend-ca"]
	ref.kind in {"Secret", "ClusterTrustBundle"}
	some name, _ in input.controllers
	controller := backend.controllers[name]
	not ref.kind in controller.kinds
	_taken(controller, ref)
	not backend.switched_off(name)
}

_taken(controller, _) if controller.several != "first"

_taken(controller, ref) if {
	controller.several == "first"
	ref.path == input.refs["backend-ca"][0].path
}
