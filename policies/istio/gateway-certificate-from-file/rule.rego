# METADATA
# title: Certificate of a server is a file
# description: |
#   `serverCertificate`, `privateKey`, `caCertificates` and `tlsCertificates` name files that are mounted into the gateway's pods. What
#   is in them, until when it holds and who renews it is in no object, so that **nothing of it was judged**. Some releases of Istio
#   read a file once, and showed the old certificate until the pod was restarted.
#
#   A `credentialName` is read from a Secret, which Istio follows.
# related_resources:
#   - description: An update of a mounted certificate that was not taken over
#     ref: https://github.com/istio/istio/issues/33198
# custom:
#   severity: info
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.serverCertificate", "spec.servers[*].tls.tlsCertificates"]
#   since: v0.1.0
package policies.istio["gateway-certificate-from-file"]

import data.lib.istio

findings contains {
	"path": ["spec", "servers", i, "tls", field],
	"message": sprintf("%s leads to a file in the gateway's pods", [field]),
	"effect": sprintf("nobody here sees when the certificate of %s runs out", [istio.hosts(server)]),
	"remedy": "refer to a Secret by credentialName, or watch the file",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.ends
	some field in ["serverCertificate", "tlsCertificates"]
	field in istio.sources(server.tls)
}
