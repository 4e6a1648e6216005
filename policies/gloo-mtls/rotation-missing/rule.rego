# METADATA
# title: Nothing rotates Gloo's certificates
# description: |
#   The certificate by which gloo and its proxies know each other is made once, by a Job when Gloo is installed, and nothing makes it
#   anew. certgen makes it for 365 days. **When these are over no proxy gets configuration any more**: routes and certificates stay as
#   they are, and a proxy that starts has none.
#
#   The chart makes a CronJob with `gateway.certGenJob.cron.enabled: true`; give it a schedule too, since its own is one run a minute. Turn
#   the rule off where Argo CD applies the Job, which then runs with each sync, or where another program renews the Secret.
# related_resources:
#   - description: Gloo, certificate rotation
#     ref: https://docs.solo.io/gateway/1.18.x/security/mtls/
# custom:
#   severity: warning
#   kinds: [Job.batch, HelmRelease.helm.toolkit.fluxcd.io]
#   triggers:
#     - spec.template.spec.containers[*].args
#     - spec.values.global.glooMtls
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["rotation-missing"]

import data.lib.certgen

findings contains {
	"path": certgen.place,
	"message": sprintf("%s is made once, for 365 days, and no CronJob in sight makes it anew", [call.secret]),
	"effect": "a year after the installation gloo and its proxies refuse each other, and no proxy gets configuration",
	"remedy": "set gateway.certGenJob.cron.enabled: true and cron.schedule: \"0 3 1 * *\" in the chart's values",
} if {
	some call in certgen.calls
	not call.webhook
	call.scheduled == false
	not contains(call.hooks, "pre-upgrade")
	not _elsewhere
	not _rotated(call.secret)
}

_rotated(secret) if {
	some peer in input.peers["gloo-rotation"]
	peer.kind == "CronJob"
	certgen.makes(peer.object, secret)
}

# Values that are not in sight may turn it on.
_elsewhere if input.object.spec.valuesFrom

_elsewhere if input.object.spec.postRenderers
