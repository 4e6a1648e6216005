# METADATA
# title: Certificate has expired
# description: |
#   A certificate that is shown to others, or one of the chain sent along with it, has expired. Servers go on showing it, and
#   **every client that verifies it refuses the connection**. Clients of a server that asks for certificates are refused in the
#   same way where theirs has expired.
#
#   Of the chain, the issuer of the certificate is as grave as the certificate itself. What stands above it is a warning: it may
#   be the cross-signed form of a root that clients have anyway.
#
#   It is said where the certificate stands, and at admission at the object that refers to it.
# related_resources:
#   - description: RFC 5280, section 6.1, path validation
#     ref: https://www.rfc-editor.org/rfc/rfc5280#section-6.1
#   - description: Let's Encrypt, expiry of a cross-signed root
#     ref: https://letsencrypt.org/docs/dst-root-ca-x3-expiration-september-2021/
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["certificate-expired"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("%s %s of %s expired on %s%s", [
		_title(position),
		x509.name(first),
		ref.label,
		x509.day(first.not_after),
		x509.more("did", count(expired)),
	]),
	"effect": {true: x509.refused(ref), false: "clients that know no other way to a root refuse the connection"}[grave],
	"remedy": _remedy(ref),
	"severity": {true: "error", false: "warning"}[grave],
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	hashes := ref.content.certificates
	expired := [position |
		some position, hash in hashes
		certificate := input.certificates[hash]
		certificate.not_after < input.now
		not _root(position, certificate)
		not x509.renewed(certificate, hashes)
	]
	count(expired) > 0
	position := expired[0]
	first := input.certificates[hashes[position]]
	grave := _grave(position, first, input.certificates[hashes[0]])
}

# Nobody looks at a root that is sent along: clients use their own copy, or none.
_root(position, certificate) if {
	position > 0
	certificate.self_signed
}

default _grave(_, _, _) := false

_grave(0, _, _) := true

_grave(position, certificate, leaf) if {
	position > 0
	certificate.subject == leaf.issuer
}

_title(0) := "certificate"

_title(position) := "certificate of the chain" if position > 0

_remedy(ref) := sprintf("find out why %s has not renewed it", [ref.producer.label])

_remedy(ref) := "replace it" if not ref.producer
