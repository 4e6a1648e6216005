# METADATA
# title: Protocol of a listener is written in other letters
# description: |
#   Protocols are written `HTTP`, `HTTPS`, `TLS`, `TCP` and `UDP`. Anything else is a protocol of somebody's own, which the API
#   server takes **without any of its checks**: `https` may have no certificate, or pass TLS through. Controllers do not serve the
#   listener (`Accepted=False/UnsupportedProtocol`).
# related_resources:
#   - description: Gateway API, ProtocolType
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers:
#     - spec.listeners
#   since: v0.1.0
package policies["gateway-api"]["protocol-misspelt"]

import data.lib.gateway

findings contains {
	"path": path,
	"message": sprintf("protocol %q is none, %s is", [listener.protocol, meant]),
	"effect": sprintf("%s get no connection", [gateway.audience(listener)]),
	"remedy": sprintf("write %s", [meant]),
	"fix": {
		"title": sprintf("write %s", [meant]),
		"safe": true,
		"edits": [{"op": "set", "path": path, "value": meant}],
	},
} if {
	some index, listener in input.object.spec.listeners
	not listener.protocol in _protocols
	meant := upper(listener.protocol)
	meant in _protocols
	path := ["spec", "listeners", index, "protocol"]
}

_protocols := {"HTTP", "HTTPS", "TLS", "TCP", "UDP"}
