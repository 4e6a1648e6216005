# METADATA
# title: Nothing uses the ReferenceGrant
# description: |
#   The Gateways and ListenerSets that a grant is for are in sight, and **none of them refers to what it opens**: the name is another
#   one, or the reference is gone. A grant that is left behind lets in whoever comes next.
#
#   Nothing is said of grants for routes and for policies, and where the namespace that it lets in is not in sight.
# related_resources:
#   - description: ReferenceGrant
#     ref: https://gateway-api.sigs.k8s.io/api-types/referencegrant/
# custom:
#   severity: info
#   kinds: [ReferenceGrant.gateway.networking.k8s.io]
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["grant-unused"]

import data.lib.text

findings contains {
	"path": ["spec", "to", index],
	"message": sprintf("none of %s refers to %s", [text.list(_referrers), _what(to)]),
	"remedy": "remove the grant, or write what they refer to",
} if {
	count(_referrers) > 0
	every from in input.object.spec.from {
		from.kind in {"Gateway", "ListenerSet"}
		from.namespace != input.id.namespace
		_in_sight(from)
	}
	not "referrer" in object.get(input, "truncated", [])
	some index, to in input.object.spec.to
	to.kind in {"Secret", "ConfigMap"}
	not _used(to)
}

_referrers := sort({peer.label | some peer in input.peers.referrer})

_in_sight(from) if {
	some peer in input.peers.referrer
	peer.kind == from.kind
	peer.namespace == from.namespace
}

_used(to) if {
	some peer in input.peers.referrer
	walk(peer.object.spec, [path, ref])
	ref.namespace == input.id.namespace
	object.get(to, "name", ref.name) == ref.name
	object.get(ref, "kind", "Secret") == to.kind
	count(path) > 0
}

_what(to) := sprintf("%s %s/%s", [to.kind, input.id.namespace, to.name]) if to.name

_what(to) := sprintf("a %s of namespace %s", [to.kind, input.id.namespace]) if not to.name
