# METADATA
# title: Secret of Gloo's control plane lacks an entry
# description: |
#   The secret service beside gloo and its proxies (the container `sds`) wants `ca.crt`, `tls.crt` and `tls.key`, and ends where a file is
#   missing. **The pods of gloo and of the proxies restart for ever**, and no proxy has a certificate to show to the control plane.
# related_resources:
#   - description: Gloo, the secret service
#     ref: https://github.com/solo-io/gloo/blob/main/projects/sds/pkg/run/run_main.go
# custom:
#   severity: error
#   kinds: [Deployment.apps, DaemonSet.apps]
#   triggers: ["spec.template.spec.volumes[*].secret.secretName"]
#   doors: [lint]
#   admission: none
#   blames: target
#   since: v0.1.0
package policies["gloo-mtls"]["secret-incomplete"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s has no %s", [ref.label, text.list(sort(missing))]),
	"effect": "the secret service ends at once: gloo and its proxies never become ready",
	"remedy": "add it, or have certgen make the whole Secret",
} if {
	some ref in input.refs["gloo-mtls-certificate"]
	ref.presence == "present"
	not ref.keys_open
	missing := {"ca.crt", "tls.crt", "tls.key"} - {key | some key in ref.keys}
	count(missing) > 0
}
