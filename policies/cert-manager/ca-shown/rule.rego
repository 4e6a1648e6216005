# METADATA
# title: Certificate to be shown is made as a CA
# description: |
#   The Certificate that makes this key pair has `isCA: true`. Some clients refuse a server that shows a CA (Firefox, rustls), and **whoever has
#   the key of the proxy can issue certificates** that all who trust the CA accept. It is said until the certificate is in sight; then
#   `certificates/ca-as-certificate` speaks of it.
# related_resources:
#   - description: cert-manager, Certificate
#     ref: https://cert-manager.io/docs/usage/certificate/
# custom:
#   severity: warning
#   kinds:
#     - "*"
#   triggers:
#     - references
#   since: v0.1.0
package policies["cert-manager"]["ca-shown"]

findings contains {
	"path": ref.path,
	"message": sprintf("%s is made for %s, which has isCA: true", [ref.label, ref.producer.label]),
	"effect": "some clients refuse the connection (Firefox, rustls), and whoever has its key can issue certificates",
	"remedy": sprintf("remove isCA from %s, or refer to a certificate of a server", [ref.producer.label]),
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	ref.producer.kind == "Certificate"
	ref.producer.object.spec.isCA == true
	not ref.content
}
