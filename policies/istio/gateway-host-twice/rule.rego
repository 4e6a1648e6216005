# METADATA
# title: Two servers are for the same host and port
# description: |
#   Istio merges all Gateways for the same pods, of whatever namespace, from the oldest to the youngest, and tells servers of one port
#   apart by the name that clients ask for. Of two servers with TLS for one host **the later is left out**, with a line in istiod's log;
#   its TLS settings do not hold, and its routes get no request. So is one with TLS beside one without on the same port.
#
#   Hosts are compared with the namespace before the slash, and the names are then looked for without: `shop/www.shop.test` and
#   `pay/www.shop.test`, or `./*` in two Gateways, both get through, and **Envoy refuses the listener**, with all servers on the port.
#
#   Put the hosts into one server. Where `spec.selector` of one Gateway holds the labels of the other, they are taken to be for the
#   same pods; of other selectors nothing is said.
# related_resources:
#   - description: Istio, pilot/pkg/model/gateway.go, mergeGateways
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/model/gateway.go
#   - description: Names of clients that meet, and a listener that Envoy refuses
#     ref: https://github.com/istio/istio/issues/16573
#   - description: The same host with different modes
#     ref: https://github.com/istio/istio/issues/30978
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls"]
#   since: v0.1.0
package policies.istio["gateway-host-twice"]

import data.lib.istio
import data.lib.text

# Within the Gateway.
findings contains {
	"path": ["spec", "servers", j, "hosts"],
	"message": sprintf("an earlier server of the Gateway, %s, is for it too, on port %d", [_name(i, server), server.port.number]),
	"effect": _dropped(_shared(server, input.object, other, input.object)),
	"remedy": "put them into one server, or give one of them another port",
} if {
	some i, server in input.object.spec.servers
	some j, other in input.object.spec.servers
	i < j
	istio.together(server, other)
	count(_shared(server, input.object, other, input.object)) > 0
	_contend(server, other)
}

findings contains {
	"path": ["spec", "servers", j, "hosts"],
	"message": sprintf("an earlier server of the Gateway, %s, has it with another namespace before the slash", [_name(i, server)]),
	"effect": sprintf("Envoy refuses the listener of port %d, with all hosts on it, such as %s", [server.port.number, text.list(_alike(server, input.object, other, input.object))]),
	"remedy": "put them into one server: one host may stand in it for several namespaces",
} if {
	some i, server in input.object.spec.servers
	some j, other in input.object.spec.servers
	i < j
	istio.together(server, other)
	count(_alike(server, input.object, other, input.object)) > 0
	istio.terminates(server)
	istio.terminates(other)
}

# Of another Gateway. Where it is known which one is older, the other one is left out.
findings contains {
	"path": ["spec", "servers", i, "hosts"],
	"message": sprintf("%s has a server for it too, on port %d%s", [peer.label, server.port.number, _order(peer)]),
	"effect": _dropped(_shared(server, input.object, other, peer.object)),
	"remedy": sprintf("put them into one server, or have the host removed from %s", [peer.label]),
	"related": [_related(peer)],
} if {
	some peer in input.peers["gateway-host"]
	peer.age in {"older", "unknown"}
	some i, server in input.object.spec.servers
	peer.path[2] == i
	some other in peer.object.spec.servers
	istio.together(server, other)
	peer.key in _shared(server, input.object, other, peer.object)
	_contend(server, other)
	istio.meet(input.object, peer.object)
}

findings contains {
	"path": ["spec", "servers", i, "hosts"],
	"message": sprintf("%s has it with another namespace before the slash", [peer.label]),
	"effect": sprintf("Envoy refuses the listener of port %d, with all hosts on it, such as %s", [server.port.number, text.list(_alike(server, input.object, other, peer.object))]),
	"remedy": sprintf("put them into one server, or have the host removed from %s", [peer.label]),
	"related": [_related(peer)],
} if {
	some peer in input.peers["gateway-host"]
	some i, server in input.object.spec.servers
	peer.path[2] == i
	some other in peer.object.spec.servers
	istio.together(server, other)
	peer.key in {name | some entry in server.hosts; name := istio.host(entry)}
	count(_alike(server, input.object, other, peer.object)) > 0
	istio.terminates(server)
	istio.terminates(other)
	istio.meet(input.object, peer.object)
}

# Both are told apart by the name that clients ask for, or one of them has no TLS to tell it by.
_contend(a, b) if {
	istio.secure(a)
	istio.secure(b)
}

_contend(a, b) if {
	istio.secure(a)
	istio.plain(b)
}

_contend(a, b) if {
	istio.plain(a)
	istio.secure(b)
}

# What stands before the slash: the Gateway's own namespace for ".", and all where there is none.
_entry(entry, owner) := sprintf("%s/%s", [object.get(owner, ["metadata", "namespace"], ""), istio.host(entry)]) if startswith(entry, "./")

_entry(entry, _) := entry if {
	contains(entry, "/")
	not startswith(entry, "./")
}

_entry(entry, _) := sprintf("*/%s", [entry]) if not contains(entry, "/")

# Hosts that are equal with their namespaces.
_shared(a, owner, b, other) := sort({istio.host(entry) |
	some entry in a.hosts
	some theirs in b.hosts
	_entry(entry, owner) == _entry(theirs, other)
})

# Hosts that are equal without, and not with them.
_alike(a, owner, b, other) := sort({_said(istio.host(entry)) |
	some entry in a.hosts
	some theirs in b.hosts
	istio.host(entry) == istio.host(theirs)
	_entry(entry, owner) != _entry(theirs, other)
})

_said("*") := "every host"

_said(host) := host if host != "*"

_dropped(hosts) := sprintf("the later server is left out, and %s served as the other one says", [_are([_said(host) | some host in hosts])])

_are(hosts) := sprintf("%s is", hosts) if count(hosts) == 1

_are(hosts) := sprintf("%s are", [text.list(hosts)]) if count(hosts) > 1

_name(i, server) := object.get(server.port, "name", sprintf("%d", [i]))

_order(peer) := ", and is older" if peer.age == "older"

_order(peer) := ", and files do not tell which one is older" if peer.age == "unknown"

_related(peer) := object.union(
	object.filter(peer, ["group", "kind", "namespace", "name"]),
	{"path": peer.their_path, "message": "is for the host too"},
)
