# METADATA
# title: TLS 1.0 or 1.1 is allowed
# description: |
#   `minimumProtocolVersion` allows TLS 1.0 or 1.1, which RFC 8996 withdrew. Without it Envoy's own default holds: 1.2 towards clients and backends alike.
# related_resources:
#   - description: RFC 8996
#     ref: https://www.rfc-editor.org/rfc/rfc8996
# custom:
#   severity: warning
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#     - Upstream.gloo.solo.io
#   triggers:
#     - spec.sslConfig.parameters.minimumProtocolVersion
#     - spec.tcpGateway.tcpHosts[*].sslConfig.parameters.minimumProtocolVersion
#   since: v0.1.0
package policies.gloo["tls-version-old"]

import data.lib.gloo

findings contains {
	"path": path,
	"message": sprintf("%s is withdrawn", [version]),
	"effect": "whoever is on the path can push the connection down to it",
	"remedy": "write TLSv1_2",
	"fix": {"title": "ask for TLS 1.2", "safe": false, "edits": [{"op": "set", "path": path, "value": "TLSv1_2"}]},
} if {
	some section in gloo.sections
	version := section.config.parameters.minimumProtocolVersion
	version in {"TLSv1_0", "TLSv1_1"}
	not section.config.sds
	path := array.concat(section.path, ["parameters", "minimumProtocolVersion"])
}
