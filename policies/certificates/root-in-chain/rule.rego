# METADATA
# title: Root is sent along
# description: |
#   The chain that is sent along with a certificate ends in the root. **It is sent for nothing**: a client that has the root
#   does not need it, and one that has not does not trust it for being sent. Many CAs of companies hand out such chains, and
#   they work: it costs a kilobyte or so with every full handshake.
#
#   In a Secret that ingress-nginx verifies clients by it is more than that: there the root becomes one that clients are accepted
#   from, which is said by a rule of its own.
# related_resources:
#   - description: RFC 8446, section 4.4.2, the root may be left out
#     ref: https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2
# custom:
#   severity: info
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["root-in-chain"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("the chain of %s ends in the root %s", [ref.label, x509.name(input.certificates[hash])]),
	"effect": "every full handshake carries it for nothing",
	"remedy": "leave the root out",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	ref.content.chain.root
	path := ref.content.chain.path
	hash := ref.content.certificates[path[count(path) - 1]]
}
