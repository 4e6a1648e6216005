# METADATA
# title: CA of a bundle leads to none of its roots
# description: |
#   The bundle holds a root, and an intermediate CA that another root has signed, which is missing. nginx accepts no
#   chain that ends before a root, so that what this CA signed is refused, while the rest of the bundle works. It is a
#   note, since CAs that are no longer in use often stay in a bundle.
# related_resources:
#   - description: OpenSSL, how a chain is built
#     ref: https://docs.openssl.org/3.0/man1/openssl-verification-options/
# custom:
#   severity: info
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   blames: target
#   since: v0.1.0
package policies["ingress-nginx"]["ca-without-way-to-root"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("ca.crt of %s lacks the root above %s", [ref.label, text.list(names)]),
	"effect": sprintf("certificates of %s are refused", [names[0]]),
	"remedy": "add the self-signed root above it, or remove it",
} if {
	some role in ["client-ca", "upstream-ca"]
	some ref in input.refs[role]
	names := [input.certificates[certificate.hash].subject |
		some certificate in ref.trust.certificates
		certificate.issues
		certificate.meant
		not _leads(certificate)
		not _leads_otherwise(certificate.hash, ref.trust.certificates)
	]
	count(names) > 0
	some other in ref.trust.certificates
	_leads(other)
	ref.in_force
	nginx.loaded(ref)
}

_leads(certificate) if certificate.hops >= 0

# A CA that is there in another edition too: what matters then is their order.
_leads_otherwise(hash, certificates) if {
	some other in certificates
	_leads(other)
	input.certificates[other.hash].subject == input.certificates[hash].subject
	input.certificates[other.hash].spki == input.certificates[hash].spki
}
