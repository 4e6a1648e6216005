# METADATA
# title: Policy for a listener drops client certificates of the Gateway's policy
# description: |
#   A ClientTrafficPolicy with a `sectionName` **replaces that for the whole Gateway**; the two are not merged. If it does not repeat
#   `clientValidation`, clients of that listener are not asked for a certificate, whatever else it was written for. All there is to
#   see is the condition `Overridden` of the other policy.
#
#   It is no finding where the listener ends no TLS, or where `spec.tls.frontend` of the Gateway asks for certificates on its port,
#   which holds all the same.
# related_resources:
#   - description: Envoy Gateway, internal/gatewayapi/clienttrafficpolicy.go
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/clienttrafficpolicy.go
#   - description: Envoy Gateway, ClientTrafficPolicy
#     ref: https://gateway.envoyproxy.io/docs/concepts/gateway_api_extensions/client-traffic-policy/
# custom:
#   severity: error
#   kinds: [ClientTrafficPolicy.gateway.envoyproxy.io]
#   triggers:
#     - spec.targetRefs[*].sectionName
#     - spec.targetRef.sectionName
#   since: v0.1.0
package policies["envoy-gateway"]["client-validation-lost"]

import data.lib.gateway

findings contains {
	"path": array.concat(peer.path, ["sectionName"]),
	"message": sprintf("this policy replaces %s as a whole, and has no clientValidation", [peer.label]),
	"effect": sprintf("clients of listener %s are not asked for a certificate", [section]),
	"remedy": sprintf("repeat clientValidation of %s", [peer.label]),
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": ["spec", "tls", "clientValidation"], "message": "asks for client certificates"},
	)],
} if {
	not input.object.spec.tls.clientValidation
	some peer in input.peers["client-policy"]
	peer.object.spec.tls.clientValidation
	target := object.get(input.object, peer.path, {})
	section := target.sectionName
	_whole(peer.object, target)
	not _harmless(peer.path, section)
}

# It is for the whole Gateway, or the whole ListenerSet.
_whole(object_, target) if {
	some other in array.concat(object.get(object_.spec, "targetRefs", []), [ref | ref := object_.spec.targetRef])
	other.name == target.name
	object.get(other, "kind", "Gateway") == object.get(target, "kind", "Gateway")
	object.get(other, "sectionName", "") == ""
}

_harmless(path, section) if {
	listener := _listener(path, section)
	not gateway.terminates(listener)
}

_harmless(path, section) if {
	some peer in input.peers["policy-gateway"]
	peer.path == path
	listener := _listener(path, section)
	listener.protocol == "HTTPS"
	gateway.asked(peer.object.spec.tls.frontend, listener)
}

_listener(path, section) := listener if {
	some peer in input.peers["policy-gateway"]
	peer.path == path
	some listener in peer.object.spec.listeners
	listener.name == section
}
