# METADATA
# title: What is meant as a CA is none
# description: |
#   Something is verified by a certificate that may not issue others: it does not say `CA:TRUE`, or its key usage lacks
#   `keyCertSign`. nginx, Envoy and Go programs all refuse what such a certificate has signed.
#
#   Two mistakes lead here. One is a root made by hand without the extensions of a CA. The other is a **server or client
#   certificate put where its CA belongs**, such as the `tls.crt` of a Secret copied to `ca.crt`. Go programs and Envoy then accept
#   that very certificate and no other, so that it is a warning: it may be meant. nginx accepts nobody by it, which is said by
#   `ingress-nginx/ca-bundle-without-root`.
#
#   A self-signed certificate that is no CA can be a pin on purpose: it verifies itself, for nginx as well, and nothing is said
#   of it. Nor of a certificate that is no CA beside CAs: it changes nothing.
# related_resources:
#   - description: RFC 5280, section 4.2.1.9, basic constraints
#     ref: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.9
#   - description: OpenSSL, X509_check_ca
#     ref: https://docs.openssl.org/3.0/man3/X509_check_ca/
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["not-a-ca"]

import data.lib.x509

# Meant as a CA, and not made as one.
findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("%s of %s is made as a CA and is none: %s", [x509.name(certificate), ref.label, reason]),
	"effect": _effect[alone],
	"remedy": "issue it again with CA:TRUE and keyCertSign",
	"severity": {true: "error", false: "warning"}[alone],
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	ref.in_force
	some hash in ref.content.certificates
	certificate := input.certificates[hash]
	reason := _half(certificate)
	alone := count([1 | some other in x509.chain(ref.content.certificates); _issues(other)]) == 0
}

# A certificate of a server or client in the place of its CA. ingress-nginx/ca-bundle-without-root says what nginx makes of it.
findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("%s of %s is no CA, and nothing else in it is one", [x509.name(certificates[0]), ref.label]),
	"effect": "everything else that its issuer has signed is refused",
	"remedy": sprintf("put %q there, the CA that issued it", [certificates[0].issuer]),
	"severity": "warning",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	ref.in_force
	not input.certificates[ref.content.certificates[0]].ca
	not input.controllers["ingress-nginx"]
	certificates := x509.chain(ref.content.certificates)
	every certificate in certificates {
		_leaf(certificate)
	}
}

_issues(certificate) if {
	certificate.ca
	not _half(certificate)
}

_half(certificate) := "its basic constraints do not say CA:TRUE" if {
	not certificate.ca
	"keyCertSign" in certificate.key_usage
}

_half(certificate) := "its key usage lacks keyCertSign" if {
	certificate.ca
	count(certificate.key_usage) > 0
	not "keyCertSign" in certificate.key_usage
}

# A certificate that verifies itself may be meant to.
_leaf(certificate) if {
	not certificate.ca
	not certificate.self_signed
	not "keyCertSign" in certificate.key_usage
}

_effect := {
	true: "every certificate that is checked against it is refused",
	false: "certificates that it signed are refused",
}
