# METADATA
# title: TLS mode of Istio leaves clients unverified
# description: |
#   Istio reads `gateway.istio.io/tls-terminate-mode` among `tls.options` of a listener. It comes before `spec.tls.frontend` of the
#   Gateway:
#
#   - What is none of its values is **read as SIMPLE**, `mutual` in small letters too: nobody is asked for a certificate, unless
#     `spec.tls.frontend` asks.
#   - `ISTIO_SIMPLE` switches client certificates of `spec.tls.frontend` **off** for the listener.
#   - `OPTIONAL_MUTUAL` lets in who shows none, whatever `spec.tls.frontend` says: a warning.
# related_resources:
#   - description: Istio, pilot/pkg/config/kube/gateway/conversion.go, buildTLS
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go
#   - description: Istio, mutual TLS at a Gateway
#     ref: https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [istio]
#   triggers:
#     - 'spec.listeners[*].tls.options["gateway.istio.io/tls-terminate-mode"]'
#   since: v0.1.0
package policies["gateway-api"]["terminate-mode-open"]

import data.lib.gateway

findings contains object.union(
	{
		"path": ["spec", "listeners", index, "tls", "options", "gateway.istio.io/tls-terminate-mode"],
		"remedy": "write MUTUAL",
	},
	_verdict(mode, listener),
) if {
	some index, listener in input.object.spec.listeners
	mode := listener.tls.options["gateway.istio.io/tls-terminate-mode"]
	object.get(listener.tls, "mode", "Terminate") == "Terminate"
	not mode in {"SIMPLE", "MUTUAL", "ISTIO_MUTUAL"}
}

_verdict("ISTIO_SIMPLE", listener) := {
	"message": "ISTIO_SIMPLE has Istio pass over the client CA of spec.tls.frontend",
	"effect": sprintf("%s are not asked for a certificate", [gateway.audience(listener)]),
	"remedy": "remove the option, or the client CA",
} if {
	_asked(listener)
}

_verdict("OPTIONAL_MUTUAL", listener) := {
	"message": "OPTIONAL_MUTUAL lets in who shows no certificate",
	"effect": sprintf("%s reach backends without a certificate", [gateway.audience(listener)]),
	"severity": "warning",
}

_verdict(mode, listener) := {
	"message": sprintf("Istio knows no mode %q, and takes it for SIMPLE", [mode]),
	"effect": sprintf("%s are not asked for a certificate", [gateway.audience(listener)]),
} if {
	not mode in {"ISTIO_SIMPLE", "OPTIONAL_MUTUAL"}
	not _asked(listener)
}

# spec.tls.frontend asks clients of the listener for a certificate.
_asked(listener) if {
	some frontend in array.concat(
		[own | own := input.object.spec.tls.frontend],
		[theirs | theirs := input.peers.parent[_].object.spec.tls.frontend],
	)
	gateway.asked(frontend, listener)
}
