# METADATA
# title: Clients of a listener are asked for certificates because the Secret has a ca.crt
# description: |
#   Gloo Gateway takes a `ca.crt` in the Secret of a listener's certificate for the CA of its clients: **every client must show a certificate** that
#   this CA signed, and all others are refused. By Gateway API that would be said under `spec.tls.frontend`. cert-manager and others write `ca.crt` beside every
#   certificate, so that a renewal or another issuer can turn client certificates on.
#
#   Say what is meant by the option `gateway.gloo.solo.io/ssl/one-way-tls`. The rule never writes it: with `true`, mutual TLS that somebody counts on
#   would be off. A Secret that nobody makes, and so was filled on purpose, is noted as `info`.
# related_resources:
#   - description: Gloo, projects/gateway2/translator/sslutils/ssl_utils.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gateway2/translator/sslutils/ssl_utils.go
#   - description: kgateway-dev/kgateway#10169
#     ref: https://github.com/kgateway-dev/kgateway/issues/10169
# custom:
#   severity: warning
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [gloo-gateway]
#   triggers:
#     - spec.listeners[*].tls.certificateRefs
#   since: v0.1.0
package policies.gloo["listener-client-certificate-implied"]

import data.lib.gateway
import data.lib.gloo

findings contains {
	"path": ref.path,
	"message": sprintf("%s has a ca.crt, and %s is not stated", [ref.label, _option]),
	"effect": sprintf("%s are refused by Gloo Gateway without a client certificate", [gateway.audience(listener)]),
	"remedy": sprintf("set the option %s to \"true\" if clients need no certificate, or to \"false\" if they do", [_option]),
	"severity": gloo.implied_severity(ref),
} if {
	input.controllers["gloo-gateway"]
	some ref in input.refs["listener-certificate"]
	ref.path[5] == 0
	"ca.crt" in ref.keys
	listener := input.object.spec.listeners[ref.path[2]]
	gateway.terminates(listener)
	not listener.tls.options[_option]
	not listener.tls.options["gateway.gloo.solo.io/ssl/verify-subject-alt-name"]
}

_option := "gateway.gloo.solo.io/ssl/one-way-tls"
