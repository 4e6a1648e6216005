# METADATA
# title: Certificate of Gloo's webhook is exchanged all the time
# description: |
#   `gateway-certgen-cronjob` gives the validating webhook of Gloo a new certificate and CA. The API server knows the new CA at once; the pod
#   of gloo reads the new certificate when the kubelet gets to it, 60 to 90 seconds later. Until then the API server
#   refuses the webhook: **with `failurePolicy: Ignore`, the chart's default, nothing is validated, with `Fail` nothing of Gloo's can be
#   changed**. The chart's default schedule, `* * * * *`, leaves no time between two such gaps; `--force-rotation`, on by default, makes
#   each run an exchange.
# related_resources:
#   - description: Gloo, the CronJob of its chart
#     ref: https://github.com/solo-io/gloo/blob/main/install/helm/gloo/templates/6.5-gateway-certgen-cronjob.yaml
# custom:
#   severity: warning
#   kinds: [CronJob.batch]
#   triggers: ["spec.jobTemplate.spec.template.spec.containers[*].args"]
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["webhook-certificate-churn"]

import data.lib.certgen

findings contains {
	"path": input.schedule.path,
	"message": sprintf("%q exchanges the certificate again after %s, and gloo takes up to 90 seconds to read it", [
		input.schedule.text,
		certgen.span(input.schedule.shortest),
	]),
	"effect": "the API server refuses Gloo's webhook most of the time: objects are not validated, or cannot be changed",
	"remedy": "run it once a month: \"0 3 1 * *\"",
} if {
	input.schedule.shortest <= 300
	some call in certgen.calls
	call.webhook
	call.forced
}
