# METADATA
# title: Extended key usage does not allow what the certificate is used for
# description: |
#   A certificate lists what it may be used for (extended key usage), and what it is used for here is not in the list. A server's
#   needs `serverAuth`: **every client that verifies it refuses it** otherwise. A client's needs `clientAuth`: nginx answers 400,
#   Envoy and Go end the handshake. CAs are asked too: OpenSSL and Go apply a CA's list to all that it has signed.
#
#   Public CAs stop issuing `clientAuth` in the course of 2026, so that a certificate of theirs which is shown to servers as well breaks with
#   its next renewal. A certificate without the extension may be used for everything.
# related_resources:
#   - description: RFC 5280, section 4.2.1.12, extended key usage
#     ref: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12
#   - description: Let's Encrypt, end of clientAuth
#     ref: https://letsencrypt.org/2025/05/14/ending-tls-client-authentication
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["usage-missing"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("certificate %s of %s is not for %s: its extended key usage is %s", [
		x509.name(certificate),
		ref.label,
		ref.usage,
		concat(", ", certificate.ext_key_usage),
	]),
	"effect": x509.refused(ref),
	"remedy": sprintf("issue it with the usage %s", [ref.usage]),
	"severity": _severity[ref.usage],
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	certificate := input.certificates[ref.content.certificates[0]]
	count(certificate.ext_key_usage) > 0
	ref.usage
	_missing(certificate.ext_key_usage, ref.usage)
}

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("no CA of %s is for %s: the extended key usage of %s is %s", [
		ref.label,
		ref.usage,
		x509.name(certificates[0]),
		concat(", ", certificates[0].ext_key_usage),
	]),
	"effect": "every certificate that is checked against it is refused",
	"remedy": sprintf("use a CA without extended key usage, or with %s", [ref.usage]),
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	ref.in_force
	count(input.certificates[ref.content.certificates[0]].ext_key_usage) > 0
	ref.usage
	_missing(input.certificates[ref.content.certificates[0]].ext_key_usage, ref.usage)
	certificates := x509.chain(ref.content.certificates)
	every certificate in certificates {
		count(certificate.ext_key_usage) > 0
		_missing(certificate.ext_key_usage, ref.usage)
	}
}

_missing(usages, usage) if {
	not usage in usages
	not "anyExtendedKeyUsage" in usages
}

# Whether a server looks at the certificate of a client cannot be seen here.
_severity := {"serverAuth": "error", "clientAuth": "warning"}
