# METADATA
# title: Certificate is not renewed
# description: |
#   `renewal.policy: Disabled` (cert-manager 1.21) has the Certificate issued once. On the day it ends, **every connection that is verified by
#   it fails**, and nothing of cert-manager will have said so. Turn the rule off where a CA is meant to end on a known day.
# related_resources:
#   - description: cert-manager, Certificate
#     ref: https://cert-manager.io/docs/usage/certificate/
# custom:
#   severity: warning
#   kinds:
#     - Certificate.cert-manager.io
#   triggers:
#     - spec.renewal.policy
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["cert-manager"]["renewal-disabled"]

findings contains {
	"path": ["spec", "renewal", "policy"],
	"message": "renewal is disabled",
	"effect": sprintf("what uses Secret %s fails on the day the certificate ends", [input.object.spec.secretName]),
	"remedy": "remove renewal.policy",
} if {
	input.object.spec.renewal.policy == "Disabled"
}
