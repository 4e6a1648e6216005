# METADATA
# title: Certificate stands behind its issuer
# description: |
#   `tls.crt` begins with the certificate of a CA, and the certificate that the CA has issued stands further down. Servers take
#   **the first one for their own**, whatever it is. Its key is another, so that ingress-nginx and Traefik refuse the pair and
#   serve their default certificate, and Envoy's control planes leave the listener out.
#
#   It comes from pasting the files of a public CA in the wrong order.
# related_resources:
#   - description: RFC 8446, section 4.4.2, the sender's certificate must come first
#     ref: https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2
#   - description: Go, crypto/tls, X509KeyPair
#     ref: https://pkg.go.dev/crypto/tls#X509KeyPair
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["leaf-not-first"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("%s of %s begins with %s, and the certificate %s stands at place %d", [
		ref.key,
		ref.label,
		x509.name(certificates[0]),
		x509.name(certificates[leaf]),
		leaf + 1,
	]),
	"effect": "clients get the controller's default certificate, or no answer",
	"remedy": "put the certificate first, then its issuer, and so on upwards",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	leaf := ref.content.chain.leaf
	leaf > 0

	# The key belongs to the first: it is a CA's, and another rule says so.
	not ref.pair == "match"
	certificates := x509.chain(ref.content.certificates)
}
