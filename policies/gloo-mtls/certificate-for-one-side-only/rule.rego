# METADATA
# title: Gloo's certificate is good for one side only
# description: |
#   gloo shows the certificate of `gloo-mtls-certs` as a server, its proxies show the same one as clients. Envoy asks the extended key usage
#   for both: without `serverAuth` **the proxies refuse gloo, without `clientAuth` gloo refuses the proxies**. A certificate
#   without the extension is good for both.
# related_resources:
#   - description: certgen, GenCerts
#     ref: https://github.com/solo-io/gloo/blob/main/jobs/pkg/certgen/gen_certs.go
# custom:
#   severity: error
#   kinds: [Deployment.apps, DaemonSet.apps]
#   triggers: ["spec.template.spec.volumes[*].secret.secretName"]
#   doors: [lint]
#   admission: none
#   blames: target
#   since: v0.1.0
package policies["gloo-mtls"]["certificate-for-one-side-only"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"message": sprintf("certificate %s of %s is not for %s", [x509.name(certificate), ref.label, usage]),
	"effect": effect,
	"remedy": "issue it with the usages serverAuth and clientAuth",
} if {
	some ref in input.refs["gloo-mtls-certificate"]
	certificate := input.certificates[ref.content.certificates[0]]
	count(certificate.ext_key_usage) > 0
	not "anyExtendedKeyUsage" in certificate.ext_key_usage
	some usage, effect in _refused
	not usage in certificate.ext_key_usage
}

_refused := {
	"serverAuth": "proxies refuse gloo's certificate, and get no configuration",
	"clientAuth": "gloo refuses the certificate of its proxies, which get no configuration",
}
