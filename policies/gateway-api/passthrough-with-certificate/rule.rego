# METADATA
# title: Listener passes TLS through and names a certificate
# description: |
#   With `mode: Passthrough` the backend ends TLS and shows its own certificate. `certificateRefs` of such a listener are ignored:
#   **clients see another certificate than is written here**, and routes see no HTTP. Envoy Gateway does not serve the listener
#   at all; with others it is a warning.
# related_resources:
#   - description: Gateway API, ListenerTLSConfig
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
#   - description: Envoy Gateway, internal/gatewayapi/validate.go, validateTLSConfiguration
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/validate.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers:
#     - spec.listeners[*].tls.certificateRefs
#   since: v0.1.0
package policies["gateway-api"]["passthrough-with-certificate"]

import data.lib.gateway

findings contains object.union(
	{
		"path": ["spec", "listeners", index, "tls", "certificateRefs"],
		"message": "certificateRefs have no place beside mode Passthrough",
		"remedy": "remove certificateRefs, or set mode to Terminate",
	},
	_verdict(gateway.audience(listener)),
) if {
	some index, listener in input.object.spec.listeners
	listener.tls.mode == "Passthrough"
	count(listener.tls.certificateRefs) > 0
}

_verdict(clients) := {"effect": sprintf("%s get no connection from Envoy Gateway", [clients])} if input.controllers["envoy-gateway"]

_verdict(clients) := {
	"effect": sprintf("%s are shown the certificate of the backend", [clients]),
	"severity": "warning",
} if {
	not input.controllers["envoy-gateway"]
}
