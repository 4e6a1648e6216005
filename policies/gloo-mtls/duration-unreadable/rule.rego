# METADATA
# title: Duration that Gloo's certgen cannot read
# description: |
#   certgen reads its durations as Go does, `65s` or `2m30s`, and ends with an error before it looks at any certificate where it cannot:
#   a number without a unit, days. **No certificate is made or renewed then.** Where the Job belongs to an installation by Helm, that
#   fails too.
# related_resources:
#   - description: certgen, Run
#     ref: https://github.com/solo-io/gloo/blob/main/jobs/pkg/run/run.go
#   - description: Go, ParseDuration
#     ref: https://pkg.go.dev/time#ParseDuration
# custom:
#   severity: error
#   kinds: [CronJob.batch, Job.batch, HelmRelease.helm.toolkit.fluxcd.io, Application.argoproj.io]
#   triggers:
#     - spec.jobTemplate.spec.template.spec.containers[*].args
#     - spec.template.spec.containers[*].args
#     - spec.values.global.glooMtls
#     - spec.source.helm.valuesObject.global.glooMtls
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["duration-unreadable"]

import data.lib.certgen
import data.lib.text

findings contains {
	"path": duration.path,
	"message": sprintf("%q is no duration, want a number with a unit such as 65s", [duration.text]),
	"effect": "certgen ends with an error, and no certificate is made or renewed",
	"remedy": "write it with a unit: h, m or s",
} if {
	some call in certgen.calls
	some duration in call.durations
	not certgen.seconds(duration.text)
	not text.unfilled(duration.text)
}
