# METADATA
# title: Lowest TLS version is above the highest
# description: |
#   `minimumProtocolVersion` is above `maximumProtocolVersion`. Gloo does not compare the two, and Envoy has no version to offer: it **refuses
#   the listener or the cluster**, and keeps what it had before.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, ResolveSslParamsConfig
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
# custom:
#   severity: error
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#     - Upstream.gloo.solo.io
#   triggers:
#     - spec.sslConfig.parameters.maximumProtocolVersion
#     - spec.tcpGateway.tcpHosts[*].sslConfig.parameters.maximumProtocolVersion
#   since: v0.1.0
package policies.gloo["tls-versions-reversed"]

import data.lib.gloo

findings contains {
	"path": array.concat(section.path, ["parameters", "minimumProtocolVersion"]),
	"message": sprintf("%s is above maximumProtocolVersion %s", [parameters.minimumProtocolVersion, parameters.maximumProtocolVersion]),
	"effect": "Envoy refuses these TLS settings, and no change to them takes effect any more",
	"remedy": "exchange the two",
} if {
	some section in gloo.sections
	parameters := section.config.parameters
	gloo.versions[parameters.minimumProtocolVersion] > gloo.versions[parameters.maximumProtocolVersion]
	not section.config.sds
}
