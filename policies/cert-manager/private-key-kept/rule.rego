# METADATA
# title: Private key outlives its certificate
# description: |
#   With `rotationPolicy: Never` every renewal uses the same private key: whoever once got hold of it can go on posing as the hosts, **after
#   any number of renewals**. Since cert-manager 1.18 a new key is the default. Where clients pin the key it is meant; turn the rule off.
# related_resources:
#   - description: cert-manager, private key rotation
#     ref: https://cert-manager.io/docs/usage/certificate/#configuring-private-key-rotation
# custom:
#   severity: info
#   kinds:
#     - Certificate.cert-manager.io
#   triggers:
#     - spec.privateKey.rotationPolicy
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["cert-manager"]["private-key-kept"]

findings contains {
	"path": ["spec", "privateKey", "rotationPolicy"],
	"message": "the private key is kept when the certificate is renewed",
	"effect": "a key that was stolen stays good",
	"remedy": "write Always, or remove rotationPolicy where cert-manager is 1.18 or newer",
} if {
	input.object.spec.privateKey.rotationPolicy == "Never"
}
