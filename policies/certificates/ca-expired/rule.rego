# METADATA
# title: CA has expired
# description: |
#   A CA that something verifies by has expired. Once no CA of the bundle is valid, **every certificate is refused**:
#   clients get 400 from nginx and a TLS alert from Envoy, backends 5xx. While another CA of the bundle is valid, only what
#   the expired one signed is refused, which is a warning: an old root often stays in a bundle on purpose. In a bundle of 20
#   CAs or more, as a set of public roots is, it is a note.
#
#   It is said where the CA stands, and at admission at the object that refers to it. Nothing is said of a CA that nothing is checked against, such as that of ingress-nginx without `proxy-ssl-verify: "on"`.
# related_resources:
#   - description: RFC 5280, section 6.1, path validation
#     ref: https://www.rfc-editor.org/rfc/rfc5280#section-6.1
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["ca-expired"]

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("CA %q of %s expired on %s%s", [
		expired[0].subject,
		ref.label,
		substring(expired[0].not_after, 0, 10),
		_more(count(expired)),
	]),
	"effect": _effect[all_expired],
	"remedy": _remedy[all_expired],
	"severity": _severity(count(expired), count(hashes)),
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	ref.in_force
	hashes := ref.content.certificates
	expired := [certificate |
		some hash in hashes
		certificate := input.certificates[hash]
		certificate.not_after < input.now
		not _renewed(certificate, hashes)
	]
	count(expired) > 0
	all_expired := count(expired) == count(hashes)
}

# A CA that was issued anew with its old key, and stands in the bundle too, verifies what the expired one signed.
_renewed(certificate, hashes) if {
	some hash in hashes
	other := input.certificates[hash]
	other.not_after >= input.now
	other.subject == certificate.subject
	other.spki == certificate.spki
}

_effect := {
	true: "every certificate that is checked against it is refused",
	false: "certificates that it signed are refused",
}

_remedy := {
	true: "replace it by the CA that signs now",
	false: "remove it, once nothing shows a certificate that it signed",
}

_severity(expired, all) := "error" if expired == all

_severity(expired, all) := "warning" if {
	expired < all
	all < _public
}

_severity(expired, all) := "info" if {
	expired < all
	all >= _public
}

# From so many CAs on it is a set of public roots, of which some have always expired, and which none of its users made. The
# set of Debian has 140, the one in use in a company a handful.
_public := 20

_more(1) := ""

_more(n) := sprintf(", and so did %d more", [n - 1]) if n > 1
