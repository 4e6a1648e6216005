# METADATA
# title: No listener takes the route
# description: |
#   A route names a Gateway or ListenerSet, and none of its listeners can take it: there is none of that `sectionName` or `port`,
#   none of a fitting protocol (an HTTPRoute or GRPCRoute needs HTTP or HTTPS, a TLSRoute needs TLS), or none whose host name has
#   names in common with `hostnames` of the route. The route gets `Accepted=False` for that parent (`NoMatchingParent`,
#   `NotAllowedByListeners`, `NoMatchingListenerHostname`), and **no request reaches it by that way**.
#
#   For routes of HTTP it is a warning. It is not said at admission: a route is often applied before its listener. Nothing is said of parents out of sight, and of listeners that name the kinds of routes they
#   take or have a protocol of somebody's own.
# related_resources:
#   - description: Gateway API, conformance test tlsroute-invalid-no-matching-listener
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/conformance/tests/tlsroute-invalid-no-matching-listener.go
#   - description: Gateway API, ParentReference
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/shared_types.go
# custom:
#   severity: error
#   kinds:
#     - HTTPRoute.gateway.networking.k8s.io
#     - GRPCRoute.gateway.networking.k8s.io
#     - TLSRoute.gateway.networking.k8s.io
#   doors: [lint, audit]
#   admission: none
#   triggers:
#     - spec.parentRefs
#   since: v0.1.0
package policies["gateway-api"]["route-not-attached"]

import data.lib.gateway
import data.lib.text

findings contains {
	"path": peer.path,
	"message": message,
	"effect": sprintf("no request for %s comes to this route by %s", [_hosts, peer.label]),
	"remedy": "name a listener that takes it",
	"severity": _severity,
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": ["spec", "listeners"], "message": "its listeners"},
	)],
} if {
	some peer in input.peers.parent
	reference := input.object.spec.parentRefs[peer.path[2]]
	listeners := gateway.named(reference, peer.object.spec.listeners)
	message := _message(listeners, reference, peer)
}

_message([], reference, peer) := sprintf("%s has no listener %s", [peer.label, _named(reference)])

_message(listeners, _, peer) := sprintf("%s of %s has protocol %s, which takes no %s", [_subject(listeners), peer.label, _protocols(listeners), input.id.kind]) if {
	count(listeners) > 0
	count([listener | some listener in listeners; _fits(listener)]) == 0
}

_message(listeners, _, peer) := sprintf("%s of %s is for %s", [_subject(fitting), peer.label, text.list(sort({name | some listener in fitting; name := listener.hostname}))]) if {
	fitting := [listener | some listener in listeners; _fits(listener)]
	count(fitting) > 0
	every listener in fitting {
		not _meets(listener)
	}
}

_fits(listener) if listener.protocol in _takes[input.id.kind]

_fits(listener) if listener.allowedRoutes.kinds

_fits(listener) if not listener.protocol in {"HTTP", "HTTPS", "TLS", "TCP", "UDP"}

_takes := {
	"HTTPRoute": {"HTTP", "HTTPS"},
	"GRPCRoute": {"HTTP", "HTTPS"},
	"TLSRoute": {"TLS"},
}

_meets(_) if count(object.get(input.object.spec, "hostnames", [])) == 0

_meets(listener) if gateway.meets(object.get(listener, "hostname", ""), input.object.spec.hostnames[_])

_named(reference) := reference.sectionName if not reference.port

_named(reference) := sprintf("on port %v", [reference.port]) if not reference.sectionName

_named(reference) := sprintf("%s on port %v", [reference.sectionName, reference.port])

_subject(listeners) := sprintf("listener %s", [listeners[0].name]) if count(listeners) == 1

_subject(listeners) := sprintf("each of %d listeners", [count(listeners)]) if count(listeners) > 1

_protocols(listeners) := concat(" or ", sort({listener.protocol | some listener in listeners}))

_hosts := text.list(input.object.spec.hostnames) if count(input.object.spec.hostnames) > 0

_hosts := "any host" if count(object.get(input.object.spec, "hostnames", [])) == 0

_severity := "error" if input.id.kind == "TLSRoute"

_severity := "warning" if input.id.kind != "TLSRoute"
