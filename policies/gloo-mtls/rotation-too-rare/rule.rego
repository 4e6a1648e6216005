# METADATA
# title: Gloo's certificates are not rotated in time
# description: |
#   certgen makes certificates for 365 days. Without `--force-rotation` a run renews one only within its last 90 days
#   (`--renew-before`): with runs further apart than that, there may be none in time. With `--force-rotation` each run renews, and there
#   must be one within the 365 days. **Once the certificate has expired no proxy gets configuration any more**; the next run then
#   replaces certificate and CA at once, without the steps that keep both sides together.
#
#   A CronJob that is suspended, or whose date does not exist, rotates nothing.
# related_resources:
#   - description: certgen, GetExistingValidTlsSecret
#     ref: https://github.com/solo-io/gloo/blob/main/jobs/pkg/kube/secret.go
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
package policies["gloo-mtls"]["rotation-too-rare"]

import data.lib.certgen

findings contains {
	"path": schedule.path,
	"message": sprintf("%q leaves up to %s between two runs, and %s", [schedule.text, certgen.span(schedule.longest), limit.words]),
	"effect": _effect,
	"remedy": "run it once a month: \"0 3 1 * *\"",
	"severity": "warning",
} if {
	some call in certgen.calls
	schedule := certgen.schedule(call)
	limit := _limit[call.forced]
	schedule.longest >= limit.seconds
}

findings contains {
	"path": input.schedule.path,
	"message": sprintf("%q never comes", [input.schedule.text]),
	"effect": _effect,
	"remedy": "run it once a month: \"0 3 1 * *\"",
} if {
	input.schedule.never
	some call in certgen.calls
	certgen.schedule(call)
}

findings contains {
	"path": ["spec", "suspend"],
	"message": "the CronJob is suspended",
	"effect": _effect,
	"remedy": "take suspend away",
	"severity": "warning",
} if {
	input.object.spec.suspend == true
	input.object.kind == "CronJob"
	count(certgen.calls) > 0
}

_effect := "the certificate can expire, and gloo and its proxies refuse each other then"

_limit := {
	true: {"seconds": 365 * 86400, "words": "a certificate is made for 365 days"},
	false: {"seconds": 90 * 86400, "words": "a certificate is renewed only within its last 90 days"},
}
