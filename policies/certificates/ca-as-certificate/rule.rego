# METADATA
# title: CA certificate is shown as a certificate
# description: |
#   The certificate that is shown to others says of itself that it is a CA (`CA:TRUE`). Most clients accept it where they trust
#   it, but **some refuse it outright**: Firefox (MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY) and what is built on rustls
#   (CaUsedAsEndEntity). And whoever gets hold of its key, which lies on every proxy, can issue certificates for any name to
#   those who trust it.
#
#   It comes from `openssl req -x509`, which makes a CA unless told otherwise, or from a Secret with the key pair of an issuer.
#   Turn the rule off for throw-away clusters.
# related_resources:
#   - description: RFC 5280, section 4.2.1.9, basic constraints
#     ref: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.9
#   - description: rustls-webpki, CaUsedAsEndEntity
#     ref: https://docs.rs/rustls-webpki/latest/webpki/enum.Error.html#variant.CaUsedAsEndEntity
# custom:
#   severity: warning
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["ca-as-certificate"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("certificate %s of %s is a CA", [x509.name(certificates[0]), ref.label]),
	"effect": sprintf("%s, and whoever has its key can issue certificates", [_refusal(ref)]),
	"remedy": _remedy(ref),
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force

	# What a Secret holds by itself may well be the key pair of an issuer.
	ref.role != "self"
	input.certificates[ref.content.certificates[0]].ca
	certificates := x509.chain(ref.content.certificates)

	# The certificate that is meant may stand further down.
	every certificate in certificates {
		certificate.ca
	}
}

_refusal(ref) := "some servers refuse it (those built on rustls)" if ref.usage == "clientAuth"

_refusal(ref) := "some clients refuse the connection (Firefox, rustls)" if object.get(ref, "usage", "") != "clientAuth"

_remedy(ref) := "issue a certificate with CA:FALSE for the client" if ref.usage == "clientAuth"

_remedy(ref) := "issue a certificate with CA:FALSE for the names that are served" if object.get(ref, "usage", "") != "clientAuth"
