# METADATA
# title: Annotation of TLS that Gloo does not read
# description: |
#   Gloo makes an Upstream of each port of a Service, and takes its TLS from `gloo.solo.io/sslService.secret`, `.tlsCert`, `.tlsKey`, `.rootCa` and
#   `.oneWayTls`, in this spelling. Their value may start with the port that it is for: `8443:api-tls`. An annotation of
#   another name, or for a port that the Service has not, is not read. If it is the only one, **requests are sent unencrypted**.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/plugins/kubernetes/serviceconverter/use_ssl_annotation_converter.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/plugins/kubernetes/serviceconverter/use_ssl_annotation_converter.go
# custom:
#   severity: error
#   kinds:
#     - Service
#   triggers:
#     - metadata.annotations["gloo.solo.io/sslService"*]
#     - metadata.annotations["gloo.solo.io/sslservice"*]
#   since: v0.1.0
package policies.gloo["service-annotation-unread"]

findings contains {
	"path": ["metadata", "annotations", key],
	"message": sprintf("Gloo reads no annotation %s", [key]),
	"effect": sprintf("requests to %s are sent as if it were not there", [input.id.label]),
	"remedy": sprintf("write one of %s", [concat(", ", sort(_known))]),
} if {
	some key, _ in input.object.metadata.annotations
	startswith(lower(key), "gloo.solo.io/sslservice")
	not key in _known
}

findings contains {
	"path": ["metadata", "annotations", key],
	"message": sprintf("%s has no port %s", [input.id.label, port]),
	"effect": sprintf("requests to %s are sent as if it were not there", [input.id.label]),
	"remedy": "write the port of the Service before the colon, not its name or targetPort",
} if {
	some key, value in input.object.metadata.annotations
	key in _known
	regex.match(`^[^:]+:[^:]+$`, value)
	port := split(value, ":")[0]

	# Go reads a port that is no number as 0, which stands for all ports.
	regex.match(`^[1-9][0-9]*$`, port)
	is_array(input.object.spec.ports)
	count([1 | some entry in input.object.spec.ports; sprintf("%v", [entry.port]) == port]) == 0
}

_known := {
	"gloo.solo.io/sslService.secret",
	"gloo.solo.io/sslService.tlsCert",
	"gloo.solo.io/sslService.tlsKey",
	"gloo.solo.io/sslService.rootCa",
	"gloo.solo.io/sslService.oneWayTls",
}
