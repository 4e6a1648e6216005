# METADATA
# title: Backend port looks like TLS, and no policy covers it
# description: |
#   A route sends to port 443 or 8443 of a Service, or to one whose name starts with `https`, and no BackendTLSPolicy covers it:
#   requests go to it **unencrypted**. Where `appProtocol` says so too, `backend-tls-unused` speaks instead.
#
#   The rule is off by default, since many ports look like it and speak plain HTTP behind a sidecar or a proxy. The profile
#   `strict` has it.
# related_resources:
#   - description: GEP-1897, BackendTLSPolicy
#     ref: https://gateway-api.sigs.k8s.io/geps/gep-1897/
# custom:
#   severity: warning
#   kinds: [HTTPRoute.gateway.networking.k8s.io, GRPCRoute.gateway.networking.k8s.io]
#   controllers: [envoy-gateway, istio, nginx-gateway-fabric, cilium, kgateway]
#   triggers: ['spec.rules[*].backendRefs[*]']
#   doors: [lint, audit]
#   admission: none
#   profiles: {default: "off", strict: warn, migration: "off"}
#   since: v0.1.0
package policies["gateway-api"]["backend-tls-port-unused"]

import data.lib.backend

findings contains {
	"path": ref.path,
	"message": sprintf("port %v of %s looks like TLS, and no BackendTLSPolicy in sight covers it", [port.port, ref.label]),
	"effect": sprintf("requests to %s are sent unencrypted", [ref.label]),
	"remedy": sprintf("write a BackendTLSPolicy for %s in its namespace, or set appProtocol of the port to http", [ref.label]),
} if {
	some ref in input.refs["route-backend"]
	ref.kind == "Service"
	some port in backend.ports(ref)
	object.get(port, "appProtocol", "") == ""
	_looks_like_tls(port)
	count(backend.policies(ref, port)) == 0
	not "backend-policy" in object.get(input, "truncated", [])
}

_looks_like_tls(port) if port.port in {443, 8443}

_looks_like_tls(port) if startswith(object.get(port, "name", ""), "https")
