# METADATA
# title: Kong verifies the host that clients ask for
# description: |
#   The name that Kong asks a backend for, and that it wants in its certificate, is the `Host` that it sends. Routes of Kong
#   **keep the host of the client** unless they are annotated with `konghq.com/preserve-host: "false"`. Then neither the
#   `hostname` of a BackendTLSPolicy nor `konghq.com/host-header` of the Service has any effect: a backend whose certificate is
#   for that name alone answers every request with 502.
#
#   Nothing is said where the route has that very host, and no other.
# related_resources:
#   - description: Kong, kong/templates/nginx_kong.lua, proxy_ssl_name
#     ref: https://github.com/Kong/kong/blob/master/kong/templates/nginx_kong.lua
#   - description: Kong, kong/runloop/balancer/init.lua, set_host_header
#     ref: https://github.com/Kong/kong/blob/master/kong/runloop/balancer/init.lua
#   - description: Kong's controller, a Service that is verified, with its Ingress
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/examples/ingress-upstream-tls.yaml
# custom:
#   severity: warning
#   kinds: [HTTPRoute.gateway.networking.k8s.io, GRPCRoute.gateway.networking.k8s.io, Ingress.networking.k8s.io]
#   controllers: [kong]
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies.kong["hostname-not-verified"]

import data.lib.kong
import data.lib.text

findings contains _finding(name, sprintf("%s for %s", [peer.label, ref.label]), ref) if {
	input.controllers.kong
	not _replaced
	some peer in input.peers["backend-policy"]
	name := peer.object.spec.validation.hostname
	some ref in input.refs["route-backend"]
	ref.path == peer.path
	_hosts != {name}
}

findings contains _finding(name, sprintf("konghq.com/host-header of %s", [ref.label]), ref) if {
	input.controllers.kong
	not _replaced
	some role in ["route-backend", "kong-backend", "kong-facade"]
	some ref in input.refs[role]
	name := ref.object.metadata.annotations["konghq.com/host-header"]
	name != ""
	ref.object.metadata.annotations["konghq.com/tls-verify"] in kong.truth
	_hosts != {name}
	not ref.path in _covered
}

_covered contains peer.path if some peer in input.peers["backend-policy"]

_replaced if lower(input.object.metadata.annotations["konghq.com/preserve-host"]) == "false"

# Without any it is every host.
_hosts := {host | some host in input.object.spec.hostnames} if input.id.kind != "Ingress"

_hosts := {host | some rule in input.object.spec.rules; host := object.get(rule, "host", "")} if input.id.kind == "Ingress"

_finding(name, whose, ref) := {
	"path": ref.path,
	"message": sprintf("%s says %s, and the route keeps the host of the client", [whose, name]),
	"effect": sprintf("requests to %s get 502 unless its certificate is for %s", [ref.label, _asked]),
	"remedy": "annotate the route with konghq.com/preserve-host: \"false\"",
}

_asked := text.list(sort(_hosts)) if count(_hosts - {""}) > 0

_asked := "the host that the client asks for" if count(_hosts - {""}) == 0
