# METADATA
# title: Client validation of a policy reaches no TLS listener
# description: |
#   `clientValidation` of a ClientTrafficPolicy works where Envoy ends TLS. A listener that the Gateway does not have leaves the **whole
#   policy out of force** (`TargetNotFound`): its clients are not asked for a certificate, an error. On a listener of HTTP, or one that
#   passes TLS through, `clientValidation` is passed over in silence, and so it is on a Gateway of such listeners alone: a warning.
# related_resources:
#   - description: Envoy Gateway, internal/gatewayapi/clienttrafficpolicy.go
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/clienttrafficpolicy.go
# custom:
#   severity: error
#   kinds: [ClientTrafficPolicy.gateway.envoyproxy.io]
#   triggers:
#     - spec.tls.clientValidation
#   since: v0.1.0
package policies["envoy-gateway"]["client-validation-unused"]

import data.lib.gateway

findings contains {
	"path": array.concat(peer.path, ["sectionName"]),
	"message": sprintf("%s has no listener %v", [peer.label, section]),
	"effect": "this policy is not in force, and nobody is asked for a certificate by it",
	"remedy": "name a listener of it",
	"related": [_related(peer)],
} if {
	input.object.spec.tls.clientValidation
	some peer in input.peers["policy-gateway"]
	section := object.get(input.object, array.concat(peer.path, ["sectionName"]), "")
	section != ""
	not section in {listener.name | some listener in peer.object.spec.listeners}
}

findings contains {
	"path": array.concat(peer.path, ["sectionName"]),
	"message": sprintf("listener %s of %s ends no TLS", [section, peer.label]),
	"effect": sprintf("%s are not asked for a certificate", [gateway.audience(listener)]),
	"remedy": "name the listener that ends TLS",
	"severity": "warning",
	"related": [_related(peer)],
} if {
	input.object.spec.tls.clientValidation
	some peer in input.peers["policy-gateway"]
	section := object.get(input.object, array.concat(peer.path, ["sectionName"]), "")
	some listener in peer.object.spec.listeners
	listener.name == section
	_ends_none(listener)
}

findings contains {
	"path": peer.path,
	"message": sprintf("no listener of %s ends TLS", [peer.label]),
	"effect": "nobody is asked for a certificate",
	"remedy": "name what ends TLS, or remove clientValidation",
	"severity": "warning",
	"related": [_related(peer)],
} if {
	input.object.spec.tls.clientValidation
	some peer in input.peers["policy-gateway"]
	object.get(input.object, array.concat(peer.path, ["sectionName"]), "") == ""
	every listener in peer.object.spec.listeners {
		_ends_none(listener)
	}

	# ListenerSets may stand elsewhere.
	object.get(peer.object.spec, ["allowedListeners", "namespaces", "from"], "None") == "None"
}

_ends_none(listener) if listener.protocol in {"HTTP", "TCP", "UDP"}

_ends_none(listener) if listener.tls.mode == "Passthrough"

_related(peer) := object.union(
	object.filter(peer, ["group", "kind", "namespace", "name"]),
	{"path": ["spec", "listeners"], "message": "its listeners"},
)
