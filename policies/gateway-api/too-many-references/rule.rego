# METADATA
# title: Listener has more certificates or CAs than Istio takes
# description: |
#   Of several `certificateRefs` and of several CAs for client certificates, Gateway API leaves it to the controller what to do. Istio
#   takes two certificates and one CA, and **serves none of the listeners** that have more.
# related_resources:
#   - description: Istio, pilot/pkg/config/kube/gateway/conversion.go, buildTLS
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go
#   - description: Gateway API, FrontendTLSValidation
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [istio]
#   triggers: [references]
#   since: v0.1.0
package policies["gateway-api"]["too-many-references"]

import data.lib.gateway

findings contains {
	"path": ["spec", "listeners", index, "tls", "certificateRefs"],
	"message": sprintf("Istio takes 2 certificates for a listener, not %d", [count(listener.tls.certificateRefs)]),
	"effect": sprintf("%s get no connection", [gateway.audience(listener)]),
	"remedy": "give each host a listener of its own, with its certificate",
} if {
	some index, listener in input.object.spec.listeners
	count(listener.tls.certificateRefs) > 2
	gateway.terminates(listener)
}

findings contains {
	"path": array.concat(path, ["caCertificateRefs"]),
	"message": sprintf("Istio takes 1 CA, not %d", [count(validation.caCertificateRefs)]),
	"effect": "the HTTPS listeners that it is for accept no connection",
	"remedy": "put the CAs into one ConfigMap, one after the other",
} if {
	some path in _places
	validation := object.get(input.object, path, {})
	count(validation.caCertificateRefs) > 1
}

_places := array.concat(
	[["spec", "tls", "frontend", "default", "validation"]],
	[["spec", "tls", "frontend", "perPort", index, "tls", "validation"] | some index, _ in input.object.spec.tls.frontend.perPort],
)
