# METADATA
# title: Clients are asked for certificates because the Secret has a ca.crt
# description: |
#   Gloo takes a `ca.crt` in the Secret of a certificate for the CA of its clients: **every client must show a certificate** that this CA
#   signed, and all others are refused. cert-manager and others write `ca.crt` beside every certificate, for whoever verifies the server. So a renewal or
#   another issuer can turn client certificates on, and Gloo's webhook does not look at Secrets.
#
#   Say what is meant: `oneWayTls: true` where clients need no certificate, `oneWayTls: false` where they do. The rule never writes it: with `true`,
#   mutual TLS that somebody counts on would be off. A Secret that nobody makes, and so was filled on purpose, is noted as `info`.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, ResolveDownstreamSslConfig
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
#   - description: kgateway-dev/kgateway#4254, ca.crt of cert-manager
#     ref: https://github.com/kgateway-dev/kgateway/issues/4254
# custom:
#   severity: warning
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#   triggers:
#     - spec.sslConfig.secretRef
#     - spec.tcpGateway.tcpHosts[*].sslConfig.secretRef
#   since: v0.1.0
package policies.gloo["client-certificate-implied"]

import data.lib.gloo

findings contains {
	"path": array.concat(section.path, ["secretRef"]),
	"message": sprintf("%s has a ca.crt, and oneWayTls is not stated", [ref.label]),
	"effect": sprintf("%s are refused without a client certificate", [gloo.clients(section.path)]),
	"remedy": "set oneWayTls: true if clients need no certificate, or oneWayTls: false if they do",
	"severity": gloo.implied_severity(ref),
} if {
	some section in gloo.sections
	not "oneWayTls" in object.keys(section.config)
	count(object.get(section.config, "verifySubjectAltName", [])) == 0
	some ref in input.refs["gloo-client-ca"]
	ref.path == array.concat(section.path, ["secretRef"])
	ref.key_presence in {"present", "promised"}
	not _set_for_all
}

# Settings may state it for every VirtualService.
_set_for_all if {
	input.id.kind == "VirtualService"
	some settings in input.peers.settings
	is_boolean(settings.object.spec.gateway.virtualServiceOptions.oneWayTls)
}
