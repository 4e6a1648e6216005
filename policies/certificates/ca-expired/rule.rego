# METADATA
# title: CA has expired
# description: |
#   A CA that something verifies by has expired. Once no CA of the bundle is valid, **every certificate is refused**:
#   clients get 400 from nginx and a TLS alert from Envoy, backends 5xx. While another CA of the bundle is valid, only what
#   the expired one signed is refused, which is a warning: an old root often stays in a bundle on purpose.
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
	"message": sprintf("CA %q of %s expired on %s%s", [
		expired[0].subject,
		ref.label,
		substring(expired[0].not_after, 0, 10),
		_more(count(expired)),
	]),
	"effect": _effect[all_expired],
	"remedy": "replace it; where certificates of the old CA are still in use, keep both for as long as they are",
	"severity": {true: "error", false: "warning"}[all_expired],
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

_more(1) := ""

_more(n) := sprintf(", and so did %d more", [n - 1]) if n > 1
