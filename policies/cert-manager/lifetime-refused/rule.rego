# METADATA
# title: cert-manager refuses the times of a Certificate
# description: |
#   cert-manager's webhook refuses a Certificate whose `duration` is less than an hour, whose `renewBefore` is less than five minutes or not
#   less than the duration (2160h where none is set), or that sets both `renewBefore` and `renewBeforePercentage`. Durations are written in
#   hours: `90d` is none. **The Certificate is not stored, or stays as it was**.
# related_resources:
#   - description: cert-manager, Certificate
#     ref: https://cert-manager.io/docs/usage/certificate/
#   - description: cert-manager, validation of a Certificate
#     ref: https://github.com/cert-manager/cert-manager/blob/master/internal/apis/certmanager/validation/certificate.go
# custom:
#   severity: error
#   kinds:
#     - Certificate.cert-manager.io
#   triggers:
#     - spec.duration
#     - spec.renewBefore
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["cert-manager"]["lifetime-refused"]

import data.lib.certmanager

findings contains {
	"path": ["spec", field],
	"message": sprintf("%s: %s", [field, defect]),
	"effect": "cert-manager refuses the Certificate",
	"remedy": "renew it before its end, and after its beginning",
} if {
	not certmanager.usual_times(input.object.spec)
	some [field, defect] in certmanager.refused_times(input.object.spec)
}
