# METADATA
# title: Client certificates are asked for where no HTTPS listener is
# description: |
#   `spec.tls.frontend` holds for **HTTPS listeners only**. An entry of `perPort` for a port without one does nothing, and
#   neither does the default on a Gateway whose TLS listeners are all of protocol `TLS`, whether they end TLS or pass it
#   through. Nothing in any status says so. Nor does it where no CA is named at all, neither by the default nor for a port.
#
#   A listener of protocol `TLS` that ends TLS beside HTTPS listeners is a note: its clients are not asked for a certificate.
#   ListenerSets count as far as they are in sight; where the Gateway admits some, nothing is said of ports and protocols that
#   these may have.
# related_resources:
#   - description: Gateway API, FrontendTLSConfig
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
#   - description: Envoy Gateway, internal/gatewayapi/listener.go, ProcessGatewayTLS
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/listener.go
# custom:
#   severity: warning
#   kinds: [Gateway.gateway.networking.k8s.io]
#   triggers:
#     - spec.tls.frontend
#   since: v0.1.0
package policies["gateway-api"]["client-validation-unused"]

import data.lib.gateway
import data.lib.text

findings contains {
	"path": ["spec", "tls", "frontend", "perPort", index, "port"],
	"message": sprintf("no HTTPS listener uses port %v", [entry.port]),
	"effect": "the client CA of this entry verifies nobody",
	"remedy": "write the port of the listener that is meant",
} if {
	some index, entry in input.object.spec.tls.frontend.perPort
	entry.tls.validation
	not entry.port in _https_ports
	not _open
}

findings contains {
	"path": ["spec", "tls", "frontend", "default", "validation"],
	"message": "it holds for HTTPS listeners, and this Gateway has none",
	"effect": sprintf("%s are not asked for a certificate", [text.list(_tls)]),
	"remedy": "verify clients where TLS ends, or make the listener one of HTTPS",
} if {
	input.object.spec.tls.frontend["default"].validation
	count(_https_ports) == 0
	count(_tls) > 0
	not _open
}

findings contains {
	"path": ["spec", "listeners", index, "protocol"],
	"message": "spec.tls.frontend holds for HTTPS listeners, and this one is of protocol TLS",
	"effect": sprintf("%s are not asked for a certificate", [gateway.audience(listener)]),
	"remedy": "verify its clients in another way if they should have certificates",
	"severity": "info",
} if {
	input.object.spec.tls.frontend["default"].validation
	count(_https_ports) > 0
	some index, listener in input.object.spec.listeners
	listener.protocol == "TLS"
	gateway.terminates(listener)
	not _by_policy(listener)
}

findings contains {
	"path": ["spec", "tls", "frontend", "default"],
	"message": "it has no validation, and no port has one",
	"effect": sprintf("%s are not asked for a certificate", [text.list(clients)]),
	"remedy": "name the client CA under validation.caCertificateRefs, or remove spec.tls.frontend",
} if {
	input.object.spec.tls.frontend["default"]
	not input.object.spec.tls.frontend["default"].validation
	every entry in object.get(input.object.spec.tls.frontend, "perPort", []) {
		not entry.tls.validation
	}
	clients := [gateway.audience(listener) | some listener in input.object.spec.listeners; listener.protocol == "HTTPS"; not _by_policy(listener)]
	count(clients) > 0
}

_https_ports := {listener.port |
	some listener in gateway.listeners(input.object, object.get(input, ["peers", "listener-set"], []))
	listener.protocol == "HTTPS"
}

_tls := [gateway.audience(listener) |
	some listener in input.object.spec.listeners
	listener.protocol == "TLS"
]

# ListenerSets may stand elsewhere.
_open if object.get(input.object.spec, ["allowedListeners", "namespaces", "from"], "None") != "None"

# Envoy Gateway's own policy covers listeners of either protocol.
_by_policy(listener) if {
	some peer in input.peers["client-policy"]
	peer.object.spec.tls.clientValidation
	some target in array.concat(object.get(peer.object.spec, "targetRefs", []), [ref | ref := peer.object.spec.targetRef])
	object.get(target, "sectionName", listener.name) == listener.name
}
