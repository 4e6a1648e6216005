# METADATA
# title: Signature can be forged
# description: |
#   A certificate that is shown to others, or one of its chain, was signed over an MD5 or SHA-1 digest, for which certificates
#   can be forged. **Clients refuse it**: browsers and Go never accept it, OpenSSL 3 not at its default security level. Of the
#   chain, what stands above the issuer is a warning, since clients may have their own way from there to a root.
#
#   Of a CA that something verifies by it is a warning. The signature of a root over itself does not count: a root is trusted
#   for where it stands.
# related_resources:
#   - description: SHA-1 chosen-prefix collisions
#     ref: https://sha-mbles.github.io/
#   - description: Go 1.18, crypto/x509 rejects SHA-1
#     ref: https://go.dev/doc/go1.18#sha1
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["weak-signature"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("certificate %s of %s is signed with %s", [x509.name(first), ref.label, first.signature_algorithm]),
	"effect": x509.refused(ref),
	"remedy": "have it issued again by a CA that signs with SHA-256",
	"severity": _severity(first, leaf),
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	weak := [certificate |
		some hash in ref.content.certificates
		certificate := input.certificates[hash]
		_weak(certificate)
	]
	count(weak) > 0
	first := weak[0]
	leaf := input.certificates[ref.content.certificates[0]]
}

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("CA %s of %s is signed with %s", [x509.name(first), ref.label, first.signature_algorithm]),
	"effect": "nginx refuses every certificate that it signed, and others may",
	"remedy": "have it issued again by a CA that signs with SHA-256, or trust its root",
	"severity": "warning",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	ref.in_force
	weak := [certificate |
		some hash in ref.content.certificates
		certificate := input.certificates[hash]
		_weak(certificate)
	]
	count(weak) > 0
	first := weak[0]
}

# A root that is signed with MD5 cannot be checked, and so is not told by self_signed.
_weak(certificate) if {
	regex.match(`MD2|MD5|SHA1`, certificate.signature_algorithm)
	certificate.subject != certificate.issuer
}

_severity(certificate, leaf) := "error" if certificate.subject in {leaf.subject, leaf.issuer}

_severity(certificate, leaf) := "warning" if not certificate.subject in {leaf.subject, leaf.issuer}
