# METADATA
# title: Gloo's certificates are exchanged before everybody knows the new CA
# description: |
#   certgen adds the new CA, waits for `rotationDuration`, and then exchanges the certificate. Pods read a Secret that is mounted when
#   the kubelet looks after them, every 60 to 90 seconds. With a shorter wait **some verify the new certificate by the old CA alone
#   and refuse it**, until their turn comes. certgen itself does not wait at all unless told to; its chart says 65s.
# related_resources:
#   - description: certgen, flag rotation-duration
#     ref: https://github.com/solo-io/gloo/blob/main/jobs/certgen/cmd/main.go
#   - description: Kubernetes, when a mounted Secret is updated
#     ref: https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
# custom:
#   severity: warning
#   kinds: [CronJob.batch, Job.batch, HelmRelease.helm.toolkit.fluxcd.io, Application.argoproj.io]
#   triggers:
#     - spec.jobTemplate.spec.template.spec.containers[*].args
#     - spec.template.spec.containers[*].args
#     - spec.values.global.glooMtls
#     - spec.source.helm.valuesObject.global.glooMtls
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["rotation-wait-too-short"]

import data.lib.certgen

findings contains {
	"path": call.wait.path,
	"message": sprintf("certgen waits %s between the steps of a rotation, and pods read a mounted Secret every 60 to 90 seconds", [call.wait.text]),
	"effect": "after a rotation gloo and its proxies refuse each other until the last pod has read the new CA",
	"remedy": "wait 65s, as the chart does, or longer",
} if {
	some call in certgen.calls
	not call.webhook
	certgen.again(call)
	certgen.seconds(call.wait.text) < 65
}
