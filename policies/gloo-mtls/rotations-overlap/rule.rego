# METADATA
# title: Rotations of Gloo's certificates overlap
# description: |
#   certgen rotates in steps: the new CA beside the old one, a wait, the new certificate, another wait, the old CA away. That takes
#   **twice `rotationDuration`**, and each run writes the whole Secret as it knows it. Where the next run starts before that, two of them
#   overwrite each other: certificates come and go without the CA that signed them, and **gloo and its proxies refuse each
#   other until all pods have read the same state**. Connections that are open stay; a proxy that starts or reconnects gets no
#   configuration. With `concurrencyPolicy: Replace` no run reaches its end instead.
#
#   The example in Gloo's manual and the default of its chart, `* * * * *`, is such a schedule: a run takes 130 seconds with
#   the default of 65s, 240 with the manual's 120s, and the next one starts after 60. Once a month is often enough: certificates are
#   made for 365 days. Without `--force-rotation` it happens only where a certificate has less than 90 days left.
# related_resources:
#   - description: Gloo, certificate rotation
#     ref: https://docs.solo.io/gateway/1.18.x/security/mtls/
#   - description: Gloo, RotateCerts
#     ref: https://github.com/solo-io/gloo/blob/main/jobs/pkg/kube/secret.go
#   - description: Kubernetes, concurrency policy
#     ref: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy
# custom:
#   severity: error
#   kinds: [CronJob.batch, HelmRelease.helm.toolkit.fluxcd.io, Application.argoproj.io]
#   triggers:
#     - spec.jobTemplate.spec.template.spec.containers[*].args
#     - spec.values.global.glooMtls
#     - spec.source.helm.valuesObject.global.glooMtls
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["rotations-overlap"]

import data.lib.certgen

findings contains object.union(
	{
		"path": schedule.path,
		"message": sprintf("a rotation takes %s (2 x %s), and %q starts the next one after %s", [
			certgen.span(ceil(takes)),
			call.wait.text,
			schedule.text,
			certgen.span(schedule.shortest),
		]),
		"effect": sprintf("%s%s", [_effect[call.policy], _when[call.forced].words]),
		"remedy": "run it once a month, \"0 3 1 * *\", with concurrencyPolicy: Forbid",
		"severity": _when[call.forced].severity,
	},
	_fix,
) if {
	some call in certgen.calls
	not call.webhook
	schedule := certgen.schedule(call)
	takes := 2 * certgen.seconds(call.wait.text)
	schedule.shortest <= takes
	_effect[call.policy]
}

# With Forbid a run that is still on keeps the next one away.
_effect := {
	"Allow": "runs overwrite each other's certificates, and gloo and its proxies refuse each other: a proxy that starts then gets no configuration",
	"Replace": "each run is ended by the next one before its last step: ca.crt grows with every run, until the Secret can no longer be written",
}

_when := {
	true: {"severity": "error", "words": ""},
	false: {"severity": "warning", "words": ", once the certificate has less than 90 days left"},
}

_fix := {"fix": {
	"title": "keep runs apart",
	"safe": true,
	"edits": [{"op": "set", "path": ["spec", "concurrencyPolicy"], "value": "Forbid"}],
}} if {
	input.object.kind == "CronJob"
} else := {}
