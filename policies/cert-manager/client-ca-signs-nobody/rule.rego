# METADATA
# title: Client CA is a certificate that signs nobody
# description: |
#   The Secret that clients are verified by is made for a Certificate which signs itself and is no CA. Its `ca.crt` is then that very
#   certificate: no client can have one that it signed, and **only whoever holds its private key is let in**, if anybody. To have clients
#   of your own, set `isCA: true`, and sign their certificates by an Issuer with that CA.
# related_resources:
#   - description: cert-manager, self-signed issuer
#     ref: https://cert-manager.io/docs/configuration/selfsigned/
# custom:
#   severity: warning
#   kinds:
#     - "*"
#   triggers:
#     - references
#   since: v0.1.0
package policies["cert-manager"]["client-ca-signs-nobody"]

findings contains {
	"path": ref.path,
	"message": sprintf("%s is made for %s: its ca.crt is the certificate itself, and no CA", [ref.label, ref.producer.chain]),
	"effect": "no client certificate is signed by it, and none is accepted",
	"remedy": sprintf("set isCA: true in %s, and have an Issuer sign for the clients", [ref.producer.label]),
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	ref.usage == "clientAuth"
	ref.in_force
	ref.producer.kind == "Certificate"
	ref.producer.signer.title == "self-signed"
	object.get(ref.producer.object.spec, "isCA", false) != true
	not ref.content
}
