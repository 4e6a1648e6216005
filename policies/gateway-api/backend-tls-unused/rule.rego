# METADATA
# title: Backend says it speaks TLS, and no policy covers it
# description: |
#   `appProtocol` of a Service's port says `https`, `wss` or `grpcs`. In Gateway API that sets up no TLS: only a BackendTLSPolicy
#   does. Without one, requests go to the backend **unencrypted**, or rather are answered with 400, or redirected to https for ever.
#   NGINX Gateway Fabric refuses a backend with `kubernetes.io/wss` and no policy.
#
#   With Istio it is a note: a DestinationRule may set TLS up, and is not looked at. So it is with kgateway, whose BackendConfigPolicies
#   may choose the Service by its labels; of one that names it, `spec.tls` is enough.
#   Traefik and Kong take `appProtocol`, or annotations of the Service, for it.
# related_resources:
#   - description: Gateway API, appProtocol https and no policy
#     ref: https://github.com/kubernetes-sigs/gateway-api/issues/5107
#   - description: GEP-1911, backend protocol selection
#     ref: https://gateway-api.sigs.k8s.io/geps/gep-1911/
#   - description: NGINX Gateway Fabric, internal/controller/state/graph/backend_refs.go, validateRouteBackendRefAppProtocol
#     ref: https://github.com/nginx/nginx-gateway-fabric/blob/main/internal/controller/state/graph/backend_refs.go
# custom:
#   severity: warning
#   kinds: [HTTPRoute.gateway.networking.k8s.io, GRPCRoute.gateway.networking.k8s.io]
#   controllers: [envoy-gateway, istio, nginx-gateway-fabric, cilium, kgateway]
#   triggers: ['spec.rules[*].backendRefs[*]']
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-tls-unused"]

import data.lib.backend

findings contains {
	"path": ref.path,
	"message": sprintf("port %v of %s is %s, and no BackendTLSPolicy in sight covers it", [port.port, ref.label, port.appProtocol]),
	"effect": _effect(name, port, ref),
	"remedy": sprintf("write a BackendTLSPolicy for %s in its namespace", [ref.label]),
	"severity": _severity(name),
} if {
	some ref in input.refs["route-backend"]
	ref.kind == "Service"
	some port in backend.ports(ref)
	lower(port.appProtocol) in {"https", "wss", "grpcs", "kubernetes.io/wss"}
	count(backend.policies(ref, port)) == 0
	some name in ["envoy-gateway", "istio", "nginx-gateway-fabric", "cilium", "kgateway"]
	input.controllers[name]
	not _configured(name, ref)
	not _truncated
}

# kgateway's own policy sets TLS up.
_configured("kgateway", ref) if {
	some peer in input.peers["backend-config"]
	peer.path == ref.path
	is_object(peer.object.spec.tls)
}

_effect(name, port, ref) := sprintf("requests to %s get 500", [ref.label]) if _refused(name, port)

_effect(name, port, ref) := sprintf("requests to %s are sent unencrypted", [ref.label]) if not _refused(name, port)

_refused("nginx-gateway-fabric", port) if port.appProtocol == "kubernetes.io/wss"

_severity(name) := "info" if name in {"istio", "kgateway"}

_severity(name) := "warning" if not name in {"istio", "kgateway"}

_truncated if "backend-policy" in input.truncated
