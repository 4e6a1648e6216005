# METADATA
# title: Certificate of files that kgateway refuses
# description: |
#   `files` names files beside the proxy, and kgateway checks what stands there as if it were the certificate itself: **the text of the path
#   is read as PEM**, which fails. `tlsCertificate` and `tlsKey` given as paths are therefore refused always, and requests to the backends fail with 5xx.
#   A `rootCA` alone is not checked, and works; with `simpleTLS: true` the certificate is left out.
# related_resources:
#   - description: kgateway, pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
# custom:
#   severity: error
#   kinds:
#     - BackendConfigPolicy.gateway.kgateway.dev
#   triggers:
#     - spec.tls.files.tlsCertificate
#     - spec.tls.tlsFiles.tlsCertificate
#   since: v0.1.0
package policies.kgateway["files-refused"]

import data.lib.kgateway

findings contains {
	"path": ["spec", "tls", kgateway.files_field(input.object.spec.tls), "tlsCertificate"],
	"message": sprintf("kgateway reads %q as a certificate, not as the path of one", [file]),
	"effect": kgateway.refused,
	"remedy": "keep certificate and key in a Secret, and name it under secretRef",
} if {
	file := kgateway.files(input.object.spec.tls).tlsCertificate
	startswith(file, "/")
	not input.object.spec.tls.secretRef
	object.get(input.object.spec.tls, "simpleTLS", false) == false
	object.get(input.object.spec.tls, "insecureSkipVerify", false) == false
}
