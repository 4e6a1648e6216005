# METADATA
# title: TLS mode of Istio asks for certificates, and there is no CA
# description: |
#   With `gateway.istio.io/tls-terminate-mode` set to `MUTUAL` or `OPTIONAL_MUTUAL`, Istio takes the CA for client certificates from the
#   first Secret of `certificateRefs`, under `ca.crt` or `cacert`, or from a Secret of the same name with `-cacert` behind it, unless
#   `spec.tls.frontend` of the Gateway names one. It does not look whether there is one: the listener's status is fine, and **the
#   listener never becomes ready**.
# related_resources:
#   - description: Istio, pilot/pkg/config/kube/gateway/conversion.go, buildTLS
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go
#   - description: Istio, pilot/pkg/credentials/kube/secrets.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/credentials/kube/secrets.go
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
package policies["gateway-api"]["terminate-mode-without-ca"]

import data.lib.gateway
import data.lib.text

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", "gateway.istio.io/tls-terminate-mode"],
	"message": sprintf("%s holds no CA to verify clients by, neither ca.crt nor cacert%s", [ref.label, text.made(ref)]),
	"effect": sprintf("%s get no connection", [gateway.audience(listener)]),
	"remedy": sprintf("add the client CA to it under ca.crt, or create Secret %s-cacert with it, or name it under spec.tls.frontend", [ref.name]),
} if {
	some ref in input.refs["listener-client-ca"]
	ref.key_presence == "absent"
	index := ref.path[2]
	listener := input.object.spec.listeners[index]
	gateway.terminates(listener)
	not _asked(listener)
}

# The Gateway, or that of the ListenerSet, names the CA.
_asked(listener) if {
	some frontend in array.concat(
		[own | own := input.object.spec.tls.frontend],
		[theirs | theirs := input.peers.parent[_].object.spec.tls.frontend],
	)
	gateway.asked(frontend, listener)
}
