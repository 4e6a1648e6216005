# METADATA
# title: Host names of HTTPS listeners overlap
# description: |
#   Two HTTPS listeners on one port serve host names that overlap, such as `*.shop.test` and `www.shop.test`. That is legal and
#   common. A client with HTTP/2 may **send requests for one host over a connection that it opened for the other**, whose certificate
#   covers both: they reach the wrong listener, past what that one asks of clients. The Gateway gets the condition
#   `OverlappingTLSConfig`, some controllers answer 421, and Envoy Gateway switches HTTP/2 off for both.
#
#   The rule is off, but for the profile `strict`.
# related_resources:
#   - description: Connection coalescing, GEP-3567
#     ref: https://gateway-api.sigs.k8s.io/geps/gep-3567/
#   - description: Envoy Gateway, internal/gatewayapi/listener.go, checkOverlappingHostnames
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/listener.go
# custom:
#   severity: warning
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers:
#     - spec.listeners
#   profiles: {default: "off", strict: warn, migration: "off"}
#   since: v0.1.0
package policies["gateway-api"]["overlapping-hostnames"]

import data.lib.gateway
import data.lib.text

findings contains {
	"path": ["spec", "listeners", index],
	"message": sprintf("its host names overlap with those of listener %s", [other.name]),
	"effect": sprintf("requests for %s may come over connections of the other listener", [_both(listener, other)]),
	"remedy": "serve host names that overlap with one listener, or on different ports",
} if {
	some index, listener in input.object.spec.listeners
	listener.protocol == "HTTPS"
	some before, other in input.object.spec.listeners
	before < index
	_overlap(listener, other)
}

findings contains {
	"path": ["spec", "listeners", index],
	"message": sprintf("its host names overlap with those of a listener of %s", [peer.label]),
	"effect": sprintf("requests for %s may come over connections of the other listener", [_both(listener, other)]),
	"remedy": "serve host names that overlap with one listener, or on different ports",
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": ["spec", "listeners"], "message": "the other listener"},
	)],
} if {
	input.id.kind != "Gateway"
	some relation in ["parent", "listener-set"]
	some peer in input.peers[relation]
	some other in peer.object.spec.listeners
	some index, listener in input.object.spec.listeners
	listener.protocol == "HTTPS"
	_overlap(listener, other)
}

# Equal names are a conflict.
_overlap(a, b) if {
	a.port == b.port
	b.protocol == "HTTPS"
	object.get(a, "hostname", "") != object.get(b, "hostname", "")
	gateway.meets(object.get(a, "hostname", ""), object.get(b, "hostname", ""))
}

# The narrower of the two names.
_both(a, b) := names[count(names) - 1] if {
	names := [name | some name in sort({text.host(object.get(a, "hostname", "")), text.host(object.get(b, "hostname", ""))})]
}
