# METADATA
# title: Secret of Gloo's control plane has a type that certgen refuses
# description: |
#   certgen ends with an error at a Secret `gloo-mtls-certs` that is not of the type `kubernetes.io/tls`. Pods read it all the same, so
#   that nothing is seen of it until **the certificate expires, which nothing renews**. The type of a Secret cannot be changed: it
#   has to be deleted and made anew.
# related_resources:
#   - description: certgen, GetExistingValidTlsSecret
#     ref: https://github.com/solo-io/gloo/blob/main/jobs/pkg/kube/secret.go
# custom:
#   severity: error
#   kinds: [Deployment.apps, DaemonSet.apps]
#   triggers: ["spec.template.spec.volumes[*].secret.secretName"]
#   doors: [lint]
#   admission: none
#   blames: target
#   since: v0.1.0
package policies["gloo-mtls"]["secret-type-refused"]

import data.lib.certgen

findings contains {
	"path": ref.path,
	"message": sprintf("%s is of type %s, and certgen takes kubernetes.io/tls alone", [ref.label, ref.type]),
	"effect": "certgen fails, and the certificate of gloo and its proxies is never renewed",
	"remedy": "delete it, and have certgen make it, or make it with type: kubernetes.io/tls",
	"severity": _severity(ref),
} if {
	some ref in input.refs["gloo-mtls-certificate"]
	ref.presence == "present"
	ref.type != "kubernetes.io/tls"
}

# Somebody else may keep it.
_severity(ref) := {true: "error", false: "warning"}[certgen.in_sight(ref.name)]
