# METADATA
# title: Gloo Gateway shows the first certificate of a listener only
# description: |
#   `certificateRefs` of a listener may name several Secrets, such as one with an RSA and one with an ECDSA key, or one for each of several hosts. Gloo Gateway
#   takes **the first and ignores the rest** without a word: clients of hosts that only another certificate has refuse the connection.
# related_resources:
#   - description: Gloo, projects/gateway2/translator/listener/gateway_listener_translator.go, translateSslConfig
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gateway2/translator/listener/gateway_listener_translator.go
# custom:
#   severity: warning
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [gloo-gateway]
#   triggers:
#     - spec.listeners[*].tls.certificateRefs
#   since: v0.1.0
package policies.gloo["listener-certificates-unread"]

import data.lib.gateway

findings contains {
	"path": ["spec", "listeners", index, "tls", "certificateRefs", 1],
	"message": "Gloo Gateway takes the first certificate only",
	"effect": sprintf("%s that need another certificate refuse the connection", [gateway.audience(listener)]),
	"remedy": "make a listener for each certificate, with its hostname",
} if {
	input.controllers["gloo-gateway"]
	some index, listener in input.object.spec.listeners
	count(listener.tls.certificateRefs) > 1
	gateway.terminates(listener)
}
