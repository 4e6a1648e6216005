# METADATA
# title: Schedule that Kubernetes refuses
# description: |
#   The schedule by which Gloo's certificates are rotated is not in cron's notation: five fields, or a word such as `@monthly`. **The API
#   server refuses the CronJob**, so that nothing rotates them, and where the chart makes it the whole release fails.
# related_resources:
#   - description: Kubernetes, schedule syntax
#     ref: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
# custom:
#   severity: error
#   kinds: [CronJob.batch, HelmRelease.helm.toolkit.fluxcd.io, Application.argoproj.io]
#   triggers:
#     - spec.schedule
#     - spec.values.global.glooMtls
#     - spec.source.helm.valuesObject.global.glooMtls
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["schedule-unreadable"]

import data.lib.certgen

findings contains {
	"path": input.schedule.path,
	"message": sprintf("%q is no schedule: %s", [input.schedule.text, input.schedule.defect]),
	"effect": "the API server refuses the CronJob, and the certificates are never rotated",
	"remedy": "write minute, hour, day of the month, month and day of the week: \"0 3 1 * *\"",
} if {
	input.schedule.defect
	some call in certgen.calls
	certgen.schedule(call)
}
