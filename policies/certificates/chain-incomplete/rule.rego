# METADATA
# title: Chain is incomplete
# description: |
#   An intermediate certificate is not sent along. **Clients that do not have it refuse the connection**: curl, Go, Java, Python
#   and most apps. Browsers often have it from another site or fetch it, so that the mistake is seldom seen where it is tested.
#
#   Whether the issuer that is not there is an intermediate or a root, which clients have, cannot be told from a certificate. So
#   it is said in three cases only: the text holds a CA that has nothing to do with the rest; it holds one with the issuer's name
#   that did not make the signature, such as an older generation of it; or the certificate stands alone and names an intermediate of
#   a well-known public CA, none of which issues certificates from its root.
# related_resources:
#   - description: RFC 8446, section 4.4.2, only the root may be left out
#     ref: https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2
#   - description: Let's Encrypt, chains of trust
#     ref: https://letsencrypt.org/certificates/
# custom:
#   severity: warning
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["chain-incomplete"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("%s of %s is not the issuer of what stands before it: %s", [x509.name(unused[0]), ref.label, _lack(unused[0], chain.next)]),
	"effect": _effect,
	"remedy": sprintf("send the certificate %q along that made the signature", [chain.next]),
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	ref.content.chain.ordered == false
	ref.content.chain.leaf == 0
	chain := ref.content.chain
	chain.next != ""
	certificates := x509.chain(ref.content.certificates)
	known := {certificates[index].subject | some index in chain.path}
	unused := [certificate |
		some certificate in certificates
		certificate.ca
		not certificate.subject in known
	]
	count(unused) > 0
}

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("%s holds certificate %s alone, and %q that issued it is an intermediate", [ref.label, x509.name(certificate), certificate.issuer]),
	"effect": _effect,
	"remedy": "send the intermediate along: use the full chain that the CA hands out (fullchain.pem)",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	not ref.content.certificates[1]
	certificate := input.certificates[ref.content.certificates[0]]
	not certificate.ca
	some organization in _public
	contains(certificate.issuer, organization)
}

_effect := "clients that do not have the missing certificate refuse the connection"

_lack(unused, next) := "it has the name and another key" if unused.subject == next

_lack(unused, next) := sprintf("%q is", [next]) if unused.subject != next

# As issuers have them in their names. Commas are escaped there.
_public := {
	"O=Let's Encrypt",
	"O=Google Trust Services",
	"O=ZeroSSL",
	"O=Sectigo Limited",
	"O=DigiCert Inc",
	"O=DigiCert\\, Inc.",
	"O=GlobalSign nv-sa",
	"O=GoDaddy.com\\, Inc.",
	"O=Entrust\\, Inc.",
	"O=SSL Corporation",
	"O=Buypass AS",
}
