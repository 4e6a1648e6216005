# METADATA
# title: Rotation of Gloo's certificates is cut short
# description: |
#   certgen waits twice in a rotation, `rotationDuration` each time, and the job has a deadline before that is over. Kubernetes ends it
#   between two steps: **ca.crt grows by one CA with every run**, and where the deadline is within the first wait the
#   certificate is never renewed at all. The first run, which finds no Secret, waits for nothing and is not hit.
# related_resources:
#   - description: certgen, flag rotation-duration
#     ref: https://github.com/solo-io/gloo/blob/main/jobs/certgen/cmd/main.go
#   - description: Kubernetes, deadline of a Job
#     ref: https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup
# custom:
#   severity: error
#   kinds: [CronJob.batch, Job.batch, HelmRelease.helm.toolkit.fluxcd.io, Application.argoproj.io]
#   triggers:
#     - spec.jobTemplate.spec.activeDeadlineSeconds
#     - spec.jobTemplate.spec.template.spec.activeDeadlineSeconds
#     - spec.activeDeadlineSeconds
#     - spec.template.spec.activeDeadlineSeconds
#     - spec.values.global.glooMtls
#     - spec.source.helm.valuesObject.global.glooMtls
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["rotation-cut-short"]

import data.lib.certgen

findings contains {
	"path": limit.path,
	"message": sprintf("a rotation takes %s (2 x %s), and the job is ended after %s", [
		certgen.span(ceil(2 * wait)),
		call.wait.text,
		certgen.span(limit.seconds),
	]),
	"effect": _effect[limit.seconds <= wait],
	"remedy": "leave the deadline away, or make it longer than two rotationDurations and the start of a pod",
} if {
	some call in certgen.calls
	some limit in call.limits
	certgen.again(call)
	wait := certgen.seconds(call.wait.text)
	limit.seconds <= 2 * wait
}

_effect := {
	true: "the certificate of gloo and its proxies is never renewed, and ca.crt grows with every run",
	false: "the old CA is never taken away, and ca.crt grows with every run",
}
