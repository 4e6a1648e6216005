# METADATA
# title: Gloo's certificate is not signed by the CA beside it
# description: |
#   Both sides of Gloo's control plane show the `tls.crt` of `gloo-mtls-certs`, and verify the other one's by its `ca.crt`. Here none of
#   the CAs has signed it: **gloo and its proxies refuse each other**, and no proxy gets configuration. It comes from copying one of the
#   two from another installation, or from a rotation that went wrong.
#
#   certgen calls all its CAs by the same name, so that names do not tell them apart; the signature does.
# related_resources:
#   - description: Gloo, mTLS mode
#     ref: https://docs.solo.io/gateway/1.18.x/security/mtls/
# custom:
#   severity: error
#   kinds: [Deployment.apps, DaemonSet.apps]
#   triggers: ["spec.template.spec.volumes[*].secret.secretName"]
#   doors: [lint]
#   admission: none
#   blames: target
#   since: v0.1.0
package policies["gloo-mtls"]["certificate-not-of-ca"]

findings contains {
	"path": ref.path,
	"message": sprintf("no CA in ca.crt of %s has signed its tls.crt", [ref.label]),
	"effect": "gloo and its proxies refuse each other, and no proxy gets configuration",
	"remedy": "put the CA that signed it into ca.crt, or delete the Secret and have certgen make it anew",
} if {
	some ref in input.refs["gloo-mtls-certificate"]
	ref.anchored == false
}
