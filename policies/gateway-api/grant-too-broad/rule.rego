# METADATA
# title: ReferenceGrant opens every Secret of its namespace
# description: |
#   A grant for Secrets without a `name` lets the other namespace refer to **all of them**. Whoever may write a Gateway there can serve
#   with any key pair of this namespace, for whatever host. Where the namespace holds nothing but certificates for that Gateway,
#   turn the rule off, as many do.
# related_resources:
#   - description: ReferenceGrant
#     ref: https://gateway-api.sigs.k8s.io/api-types/referencegrant/
# custom:
#   severity: info
#   kinds: [ReferenceGrant.gateway.networking.k8s.io]
#   doors: [lint, audit]
#   admission: none
#   profiles: {strict: warn}
#   since: v0.1.0
package policies["gateway-api"]["grant-too-broad"]

import data.lib.text

findings contains {
	"path": ["spec", "to", index],
	"message": sprintf("the grant has no name, and so is for every Secret of namespace %s", [input.id.namespace]),
	"effect": sprintf("whoever writes a %s may use any of them", [text.list(_from)]),
	"remedy": _remedy,
} if {
	some index, to in input.object.spec.to
	to.kind == "Secret"
	object.get(to, "name", "") == ""
	count(_from) > 0
}

_from := sort({sprintf("%s of namespace %s", [from.kind, from.namespace]) |
	some from in input.object.spec.from
	from.namespace != input.id.namespace
})

# What is referred to now.
_used := sort({ref.name |
	some peer in input.peers.referrer
	walk(peer.object.spec, [_, ref])
	ref.namespace == input.id.namespace
	object.get(ref, "kind", "Secret") == "Secret"
})

_remedy := "name the Secrets that are meant" if count(_used) == 0

_remedy := sprintf("name the Secrets that are meant: %s", [text.list(_used)]) if count(_used) > 0
