# METADATA
# title: Chain is out of order
# description: |
#   The issuers sent along with a certificate do not stand in the order in which they issued each other. Before TLS 1.3 the order
#   was required, and since then clients are only asked to cope: **browsers and OpenSSL do, some libraries of devices do not**,
#   and see an incomplete chain.
# related_resources:
#   - description: RFC 8446, section 4.4.2, the order of certificates
#     ref: https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2
# custom:
#   severity: warning
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["chain-out-of-order"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("the chain of %s stands in the wrong order: %s belongs before %s", [
		ref.label,
		x509.name(certificates[path[early[0]]]),
		x509.name(certificates[path[early[0] + 1]]),
	]),
	"effect": "some clients see an incomplete chain and refuse the connection",
	"remedy": "put the certificate first, then its issuer, and so on upwards",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	ref.content.chain.ordered == false

	# Where the certificate itself stands in the wrong place, that is the defect.
	ref.content.chain.leaf == 0
	path := ref.content.chain.path
	early := [step |
		some step, index in path
		index > path[step + 1]
	]
	count(early) > 0
	certificates := x509.chain(ref.content.certificates)
}
