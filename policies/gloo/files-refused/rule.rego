# METADATA
# title: Certificate of sslFiles that Gloo refuses
# description: |
#   `sslFiles` names files beside the proxy, and Gloo checks what stands there as if it were the certificate itself: **the text of the path
#   is read as PEM**, which fails. A `tlsCert` with a `tlsKey` given as paths is therefore refused always: a VirtualService or TcpHost serves no TLS, and
#   requests to an Upstream get 503. A `rootCa` alone is not checked, and works.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, cleanedSslKeyPair
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
# custom:
#   severity: error
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#     - Upstream.gloo.solo.io
#     - Service
#   triggers:
#     - spec.sslConfig.sslFiles
#     - spec.tcpGateway.tcpHosts[*].sslConfig.sslFiles
#     - metadata.annotations["gloo.solo.io/sslService.tlsCert"]
#   since: v0.1.0
package policies.gloo["files-refused"]

import data.lib.gloo

findings contains {
	"path": array.concat(section.path, ["sslFiles", "tlsCert"]),
	"message": sprintf("Gloo reads %q as a certificate, not as the path of one", [file]),
	"effect": gloo.refused(section.path),
	"remedy": _remedy,
} if {
	some section in gloo.sections
	not section.config.secretRef
	file := section.config.sslFiles.tlsCert
	startswith(file, "/")
}

findings contains {
	"path": ["metadata", "annotations", "gloo.solo.io/sslService.tlsCert"],
	"message": sprintf("Gloo reads %q as a certificate, not as the path of one", [file]),
	"effect": gloo.refused([]),
	"remedy": "keep certificate and key in a Secret, and name it with gloo.solo.io/sslService.secret",
} if {
	file := input.object.metadata.annotations["gloo.solo.io/sslService.tlsCert"]
	regex.match(`^([0-9]+:)?/`, file)
	object.get(input.object.metadata.annotations, "gloo.solo.io/sslService.secret", "") == ""
}

_remedy := "keep certificate and key in a Secret, and name it under secretRef"
