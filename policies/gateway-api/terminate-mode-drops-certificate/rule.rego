# METADATA
# title: TLS mode of Istio leaves the listener's certificate unused
# description: |
#   With `gateway.istio.io/tls-terminate-mode` set to `ISTIO_SIMPLE` or `ISTIO_MUTUAL`, Istio shows the certificate of the mesh and reads
#   no `certificateRefs`. **Clients are shown a certificate of the mesh's CA**, without the host's name in it, and refuse it unless they
#   are in the mesh. Nothing in the listener's status says so.
# related_resources:
#   - description: Istio, pilot/pkg/config/kube/gateway/conversion.go, buildTLS
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go
# custom:
#   severity: warning
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [istio]
#   triggers:
#     - 'spec.listeners[*].tls.options["gateway.istio.io/tls-terminate-mode"]'
#   since: v0.1.0
package policies["gateway-api"]["terminate-mode-drops-certificate"]

import data.lib.gateway

findings contains {
	"path": ["spec", "listeners", index, "tls", "certificateRefs"],
	"message": sprintf("%s has Istio show the certificate of the mesh, and read no certificateRefs", [mode]),
	"effect": sprintf("%s refuse the certificate unless they are in the mesh", [gateway.audience(listener)]),
	"remedy": "remove certificateRefs, or set the mode to MUTUAL, or remove the option",
} if {
	some index, listener in input.object.spec.listeners
	mode := listener.tls.options["gateway.istio.io/tls-terminate-mode"]
	mode in {"ISTIO_SIMPLE", "ISTIO_MUTUAL"}
	gateway.terminates(listener)
	count(listener.tls.certificateRefs) > 0
}
