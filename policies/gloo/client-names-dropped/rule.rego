# METADATA
# title: Clients are not verified, though their names are listed
# description: |
#   `oneWayTls: true` has Gloo take the CA out: clients are **not asked for a certificate**. `verifySubjectAltName`, or a
#   `validationContextName` of `sds`, says that they shall be verified, and is dropped without a word. Whoever reaches the listener is served.
#
#   `oneWayTls` may also come from Settings, `gateway.virtualServiceOptions.oneWayTls`, for every VirtualService that says nothing itself.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, ResolveDownstreamSslConfig
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
#   - description: Gloo, projects/gateway/pkg/translator/virtual_service_translator.go, applyGlobalVirtualServiceSettings
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gateway/pkg/translator/virtual_service_translator.go
# custom:
#   severity: error
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#   triggers:
#     - spec.sslConfig.verifySubjectAltName
#     - spec.sslConfig.sds.validationContextName
#     - spec.tcpGateway.tcpHosts[*].sslConfig.oneWayTls
#   since: v0.1.0
package policies.gloo["client-names-dropped"]

import data.lib.gloo

findings contains {
	"path": array.concat(section.path, ["oneWayTls"]),
	"message": sprintf("oneWayTls drops %s", [_wish(section.config)]),
	"effect": sprintf("%s are served without a certificate", [gloo.clients(section.path)]),
	"remedy": "remove oneWayTls if clients are to show certificates, or what verifies them if not",
} if {
	some section in gloo.sections
	section.config.oneWayTls == true
}

findings contains {
	"path": ["spec", "sslConfig"],
	"message": sprintf("oneWayTls of %s drops %s", [settings.label, _wish(input.object.spec.sslConfig)]),
	"effect": sprintf("%s are served without a certificate", [gloo.clients(["spec", "sslConfig"])]),
	"remedy": "set oneWayTls: false here",
	"related": [object.filter(settings, ["group", "kind", "namespace", "name"])],
} if {
	some settings in input.peers.settings
	settings.object.spec.gateway.virtualServiceOptions.oneWayTls == true
	is_object(input.object.spec.sslConfig)
	not "oneWayTls" in object.keys(input.object.spec.sslConfig)
}

_wish(config) := "verifySubjectAltName" if count(object.get(config, "verifySubjectAltName", [])) > 0

_wish(config) := "validationContextName" if {
	count(object.get(config, "verifySubjectAltName", [])) == 0
	object.get(config, ["sds", "validationContextName"], "") != ""
}
