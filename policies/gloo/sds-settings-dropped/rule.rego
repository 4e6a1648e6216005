# METADATA
# title: TLS setting that Gloo drops beside sds
# description: |
#   With `sds`, Gloo makes the TLS settings of what SDS delivers, and **drops `parameters`**: TLS versions and ciphers that were asked for are those of
#   Envoy's default. `oneWayTls` of an Upstream does nothing either: the client certificate is sent.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, handleSds and ResolveUpstreamSslConfig
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
# custom:
#   severity: warning
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#     - Upstream.gloo.solo.io
#   triggers:
#     - spec.sslConfig.sds
#     - spec.tcpGateway.tcpHosts[*].sslConfig.sds
#   since: v0.1.0
package policies.gloo["sds-settings-dropped"]

import data.lib.gloo

findings contains {
	"path": array.concat(section.path, ["parameters"]),
	"message": "Gloo drops parameters beside sds",
	"effect": "TLS versions and ciphers are those of Envoy's default",
	"remedy": "keep the certificate in a Secret, and name it under secretRef",
} if {
	some section in gloo.sections
	section.config.sds
	not section.config.secretRef
	count(section.config.parameters) > 0
}

findings contains {
	"path": ["spec", "sslConfig", "oneWayTls"],
	"message": "oneWayTls of an Upstream does nothing beside sds",
	"effect": sprintf("%s gets the client certificate of Gloo all the same", [input.id.label]),
	"remedy": "remove certificatesSecretName, or oneWayTls",
} if {
	input.id.kind == "Upstream"
	input.object.spec.sslConfig.oneWayTls == true
	object.get(input.object.spec.sslConfig, ["sds", "certificatesSecretName"], "") != ""
}
