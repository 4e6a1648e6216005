# METADATA
# title: Key is too weak
# description: |
#   A certificate that is shown to others, one of its chain, or a CA that something verifies by has a key that is too weak: RSA
#   under 2048 bits, or DSA. Browsers refuse RSA under 2048 bits from public CAs and under 1024 bits from anybody; OpenSSL at
#   security level 2, which Debian has and ingress-nginx's image too, does not even load such a certificate. How long the key
#   still holds is a matter of money.
# related_resources:
#   - description: NIST SP 800-131A, transitioning the use of key lengths
#     ref: https://csrc.nist.gov/pubs/sp/800/131/a/r2/final
#   - description: OpenSSL, security levels
#     ref: https://docs.openssl.org/3.0/man3/SSL_CTX_set_security_level/
# custom:
#   severity: warning
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["weak-key"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("the key of %s of %s is too weak: %s%s", [x509.name(weak[0]), ref.label, _weakness(weak[0]), x509.more("are", count(weak))]),
	"effect": "what is strict about keys refuses it, and whoever breaks the key can pretend to be its owner",
	"remedy": "issue it with a new key: ECDSA P-256, or RSA with 2048 bits or more",
} if {
	some role
	some ref in input.refs[role]
	ref.use in {"certificate", "trust"}
	ref.in_force
	weak := [certificate |
		some hash in ref.content.certificates
		certificate := input.certificates[hash]
		_weakness(certificate)
	]
	count(weak) > 0
}

# Of a key that cannot be read, nothing is known; that of an elliptic curve under 224 bits cannot.
_weakness(certificate) := sprintf("RSA with %d bits", [certificate.key_bits]) if {
	certificate.key_type == "RSA"
	certificate.key_bits < 2048
	certificate.key_bits > 0
}

_weakness(certificate) := "DSA" if certificate.key_type == "DSA"
