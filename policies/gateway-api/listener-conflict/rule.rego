# METADATA
# title: Listeners cannot share a port
# description: |
#   Connections to a port must be told apart: by the host name, where all listeners on it are HTTP, or all are HTTPS or TLS. Two
#   that are not so, or that have the same host name, **conflict** (`ProtocolConflict`, `HostnameConflict`). In one Gateway, or in
#   one ListenerSet, neither is served. Of a Gateway and its ListenerSets, and of two of these, the Gateway wins, then the older
#   set; the other listener is not served.
#
#   Of protocol TLS, one that ends it and one that passes it through may share a port only where the controller knows how
#   (`TLSRouteModeMixed`). Envoy Gateway, Istio, kgateway, Traefik and NGINX Gateway Fabric since 2.7 do; Cilium (1.20) serves neither.
#
#   The API server sees no more than two listeners of one object with the same port, protocol and host name. Of two ListenerSets
#   files do not tell which is older, so both are reported; in a cluster only the one that loses is.
# related_resources:
#   - description: Gateway API, distinct listeners
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
#   - description: Gateway API, ListenerSet, precedence
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/listenerset_types.go
#   - description: Gateway API, who supports TLSRouteModeMixed, by its conformance reports
#     ref: https://github.com/kubernetes-sigs/gateway-api/tree/main/conformance/reports/v1.6
#   - description: Envoy Gateway, internal/gatewayapi/validate.go, validateConflictedProtocolsListeners
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/validate.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers:
#     - spec.listeners
#   since: v0.1.0
package policies["gateway-api"]["listener-conflict"]

import data.lib.gateway

# Two of one object.
findings contains {
	"path": ["spec", "listeners", index],
	"message": _message(conflict, listener, sprintf("listener %s", [other.name])),
	"effect": sprintf("neither %s nor %s get a connection on port %v", [gateway.audience(other), gateway.audience(listener), listener.port]),
	"remedy": _remedy[conflict],
} if {
	some index, listener in input.object.spec.listeners
	some before, other in input.object.spec.listeners
	before < index
	other.port == listener.port
	conflict := _conflict(other, listener)
	_unseen(other, listener)
}

# One of a ListenerSet and one of its Gateway.
findings contains {
	"path": ["spec", "listeners", index],
	"message": _message(conflict, listener, sprintf("listener %s of %s", [other.name, peer.label])),
	"effect": sprintf("%s get no connection on port %v", [gateway.audience(listener), listener.port]),
	"remedy": _remedy[conflict],
	"related": [_related(peer)],
} if {
	some peer in input.peers.parent
	not _kept_out(input.id.namespace)
	some other in peer.object.spec.listeners
	some index, listener in input.object.spec.listeners
	other.port == listener.port
	conflict := _conflict(other, listener)
}

# Those of two ListenerSets. How the other one names its listener is nobody's business.
findings contains {
	"path": ["spec", "listeners", index],
	"message": _message(conflict, listener, peer.label),
	"effect": sprintf("the listener of the younger ListenerSet gets no connection on port %v", [listener.port]),
	"remedy": _remedy[conflict],
	"related": [_related(peer)],
} if {
	input.id.kind != "Gateway"
	some peer in input.peers["listener-set"]
	peer.age != "newer"
	not _kept_out(input.id.namespace)
	not _kept_out(peer.namespace)
	some other in peer.object.spec.listeners
	some index, listener in input.object.spec.listeners
	other.port == listener.port
	conflict := _conflict(other, listener)
}

_conflict(a, b) := "protocol" if {
	_family[a.protocol] != _family[b.protocol]
	not "UDP" in {a.protocol, b.protocol}
}

_conflict(a, b) := "hostname" if {
	_family[a.protocol] == _family[b.protocol]
	_family[a.protocol] in {"HTTP", "HTTPS or TLS"}
	object.get(a, "hostname", "") == object.get(b, "hostname", "")
}

_conflict(a, b) := "port" if {
	a.protocol == b.protocol
	a.protocol in {"TCP", "UDP"}
}

_conflict(a, b) := "mode" if {
	a.protocol == "TLS"
	b.protocol == "TLS"
	input.controllers.cilium
	object.get(a, "hostname", "") != object.get(b, "hostname", "")
	_mode(a) != _mode(b)
}

_mode(listener) := object.get(listener, ["tls", "mode"], "Terminate")

_family := {"HTTP": "HTTP", "HTTPS": "HTTPS or TLS", "TLS": "HTTPS or TLS", "TCP": "TCP", "UDP": "UDP"}

# The API server refuses the rest by itself.
_unseen(a, b) if a.protocol != b.protocol

_unseen(a, b) if object.get(a, "hostname", null) != object.get(b, "hostname", null)

# A ListenerSet that the Gateway does not admit takes no part.
_kept_out(namespace) if {
	some peer in input.peers.parent
	gateway.admits(object.get(peer.object.spec, ["allowedListeners", "namespaces"], {}), "None", peer.namespace, namespace) == false
}

_message("protocol", listener, other) := sprintf("%s has the port for another protocol than %s", [other, listener.protocol])

_message("hostname", listener, other) := sprintf("%s has the same port and host name", [other]) if listener.hostname

_message("hostname", listener, other) := sprintf("%s has the same port, and no host name either", [other]) if not listener.hostname

_message("mode", listener, other) := sprintf("%s %s, and Cilium has one mode of TLS on a port", [other, _does[_mode(listener)]])

_message("port", _, other) := sprintf("%s has the same port", [other])

# What the other one does where this one ends TLS, or does not.
_does := {"Terminate": "passes TLS through on the same port", "Passthrough": "ends TLS on the same port"}

_remedy := {
	"protocol": "give one of them another port",
	"hostname": "give one of them another host name or port",
	"port": "give one of them another port",
	"mode": "give one of them another port",
}

_related(peer) := object.union(
	object.filter(peer, ["group", "kind", "namespace", "name"]),
	{"path": ["spec", "listeners"], "message": "the other listener"},
)
