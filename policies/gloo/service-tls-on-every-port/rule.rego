# METADATA
# title: Every port of a Service is called by TLS
# description: |
#   `gloo.solo.io/sslService.secret` without a port before it holds for every port of the Service. A port that serves plain HTTP beside one for
#   HTTPS, by their names or `appProtocol`, is called by TLS as well, and **requests to it get 503**.
#
#   It is a note, since no route may send requests to the plain port: both Services of Gloo's own tests that have such annotations are written so.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/plugins/kubernetes/serviceconverter/use_ssl_annotation_converter.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/plugins/kubernetes/serviceconverter/use_ssl_annotation_converter.go
# custom:
#   severity: info
#   kinds:
#     - Service
#   triggers:
#     - metadata.annotations["gloo.solo.io/sslService.secret"]
#     - metadata.annotations["gloo.solo.io/sslService.rootCa"]
#   since: v0.1.0
package policies.gloo["service-tls-on-every-port"]

findings contains {
	"path": ["metadata", "annotations", key],
	"message": sprintf("it names no port, and port %v is plain by its name or appProtocol", [port.port]),
	"effect": sprintf("requests that a route sends to port %v of %s get 503", [port.port, input.id.label]),
	"remedy": "write the port before the value, as in 8443:name",
} if {
	some key in ["gloo.solo.io/sslService.secret", "gloo.solo.io/sslService.rootCa"]
	value := input.object.metadata.annotations[key]
	value != ""
	not contains(value, ":")
	some port in input.object.spec.ports
	_plain(port)
	some other in input.object.spec.ports
	_secure(other)
}

_secure(port) if regex.match(`^(https|grpcs|tls)(-.*)?$`, port.name)

_secure(port) if port.appProtocol in {"https", "kubernetes.io/wss"}

_plain(port) if regex.match(`^(http|http2|h2c|grpc|web)$`, port.name)

_plain(port) if port.appProtocol in {"http", "kubernetes.io/h2c", "kubernetes.io/ws"}
