# METADATA
# title: Gloo's certgen does not take the certificate for gloo's
# description: |
#   certgen keeps a certificate only if one of its names is that of the Service: `gloo`, `gloo.NAMESPACE`, `gloo.NAMESPACE.svc` or
#   that with the cluster's domain. This one has none of them. certgen's next run, rotation or not, **replaces certificate and CA in one
#   step**, and gloo and its proxies refuse each other until all pods have read both.
# related_resources:
#   - description: certgen, ValidForService
#     ref: https://github.com/solo-io/gloo/blob/main/jobs/pkg/certgen/gen_certs.go
# custom:
#   severity: warning
#   kinds: [Deployment.apps, DaemonSet.apps]
#   triggers: ["spec.template.spec.volumes[*].secret.secretName"]
#   doors: [lint]
#   admission: none
#   blames: target
#   since: v0.1.0
package policies["gloo-mtls"]["certificate-not-for-gloo"]

import data.lib.certgen
import data.lib.x509

findings contains {
	"path": ref.path,
	"message": sprintf("certificate %s of %s has no name of Service gloo", [x509.name(certificate), ref.label]),
	"effect": "certgen replaces certificate and CA at once, and gloo and its proxies refuse each other for up to 90 seconds",
	"remedy": sprintf("issue it for gloo.%s.svc too, or leave it to certgen", [ref.namespace]),
} if {
	some ref in input.refs["gloo-mtls-certificate"]
	ref.namespace != ""
	count(ref.content.certificates) > 0
	certgen.in_sight(ref.name)
	certificate := input.certificates[ref.content.certificates[0]]
	every name in certificate.dns_names { not _gloo(name, ref.namespace) }
}

_gloo("gloo", _)

_gloo(name, namespace) if name == sprintf("gloo.%s", [namespace])

_gloo(name, namespace) if name == sprintf("gloo.%s.svc", [namespace])

_gloo(name, namespace) if startswith(name, sprintf("gloo.%s.svc.", [namespace]))
