# METADATA
# title: Issuer does not exist
# description: |
#   `issuerRef` of a Certificate names an Issuer that is not there. The Certificate waits (`Ready=False`), and **its Secret is neither
#   made nor renewed**. Whoever refers to the Secret has no certificate.
#
#   An Issuer is looked for in the Certificate's own namespace; a ClusterIssuer must be named as one (`kind: ClusterIssuer`), since
#   `Issuer` is the default. The rule fires only where something shows that the issuer is missing. If it is made elsewhere, declare it
#   under `external:`.
# related_resources:
#   - description: cert-manager, Certificate
#     ref: https://cert-manager.io/docs/usage/certificate/
#   - description: cert-manager, issuers
#     ref: https://cert-manager.io/docs/configuration/
# custom:
#   severity: error
#   kinds:
#     - Certificate.cert-manager.io
#   triggers:
#     - spec.issuerRef
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["cert-manager"]["issuer-missing"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": "the Certificate is neither issued nor renewed",
	"remedy": text.remedy(sprintf("create the %s", [ref.kind]), ref),
} if {
	some ref in input.refs.issuer
	ref.presence == "absent"
	ref.group == "cert-manager.io"
}
