# METADATA
# title: Two ClientTrafficPolicies for one target
# description: |
#   Two policies name the same Gateway or ListenerSet, and the same listener of it or both none. The **older one counts**, then the
#   first by name; the other gets `Accepted=False/Conflicted`, and nothing of it is in force: if that is the one with
#   `clientValidation`, nobody is asked for a certificate. Deleting and creating a policy anew changes which one wins.
#
#   Files do not tell which is older, so both are reported; in a cluster only the one that loses is. Where neither verifies clients, it
#   is a warning. A policy for one listener beside one for the whole Gateway is no conflict.
# related_resources:
#   - description: Envoy Gateway, internal/gatewayapi/clienttrafficpolicy.go
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/clienttrafficpolicy.go
# custom:
#   severity: error
#   kinds: [ClientTrafficPolicy.gateway.envoyproxy.io]
#   triggers:
#     - spec.targetRefs
#     - spec.targetRef
#   since: v0.1.0
package policies["envoy-gateway"]["client-policy-conflict"]

findings contains {
	"path": peer.path,
	"message": sprintf("%s names it too", [peer.label]),
	"effect": sprintf("only the older of two policies for %s is in force%s", [_name(target), _clients(peer.object)]),
	"remedy": "merge the two, or give each a sectionName of its own",
	"severity": _severity(peer.object),
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": peer.their_path, "message": "the other policy"},
	)],
} if {
	some peer in input.peers["client-policy"]
	peer.age != "newer"
	target := object.get(input.object, peer.path, {})
	some other in array.concat(object.get(peer.object.spec, "targetRefs", []), [ref | ref := peer.object.spec.targetRef])
	other.name == target.name
	object.get(other, "kind", "Gateway") == object.get(target, "kind", "Gateway")
	object.get(other, "sectionName", "") == object.get(target, "sectionName", "")
}

_name(target) := sprintf("listener %s of %s %s", [target.sectionName, object.get(target, "kind", "Gateway"), target.name]) if target.sectionName

_name(target) := sprintf("%s %s", [object.get(target, "kind", "Gateway"), target.name]) if not target.sectionName

_verify(_) if input.object.spec.tls.clientValidation

_verify(other) if other.spec.tls.clientValidation

# Where no namespace is set, the two may be meant for different ones.
_severity(other) := "error" if {
	_verify(other)
	input.id.namespace != ""
}

_severity(_) := "warning" if input.id.namespace == ""

_severity(other) := "warning" if not _verify(other)

_clients(other) := ", and client certificates with it" if _verify(other)

_clients(other) := "" if not _verify(other)
