# METADATA
# title: CA stands behind a cross-signed certificate of the same name
# description: |
#   Two certificates of the bundle have the same name and key: one that another CA has signed, whose root is not in the
#   bundle, and behind it one that leads to a root. OpenSSL takes the first that has the name and never goes back, so
#   that it ends at a missing root and **refuses what this CA signed**, though the right certificate is there. With the
#   order turned round, it works.
#
#   It is a warning: among equal names the order is that of the file where it was measured (glibc), and is not promised.
# related_resources:
#   - description: OpenSSL does not go back
#     ref: https://github.com/openssl/openssl/issues/18708
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   blames: target
#   since: v0.1.0
package policies["ingress-nginx"]["ca-behind-cross-certificate"]

import data.lib.nginx

findings contains {
	"path": ref.path,
	"message": sprintf("in ca.crt of %s a certificate of %s that leads to no root stands before the one that does", [ref.label, behind.subject]),
	"effect": sprintf("certificates of %s are refused", [behind.subject]),
	"remedy": "put the certificate that leads to a root first, or remove the other",
} if {
	some role in ["client-ca", "upstream-ca"]
	some ref in input.refs[role]
	count(ref.trust.certificates) > 1
	some i, first in ref.trust.certificates
	first.issues
	not _leads(first)
	before := input.certificates[first.hash]
	some j, second in ref.trust.certificates
	i < j
	_leads(second)
	behind := input.certificates[second.hash]
	behind.subject == before.subject
	behind.spki == before.spki

	# OpenSSL passes over what is not valid.
	before.not_before <= input.now
	before.not_after >= input.now
	ref.in_force
	nginx.loaded(ref)
}

_leads(certificate) if certificate.hops >= 0
