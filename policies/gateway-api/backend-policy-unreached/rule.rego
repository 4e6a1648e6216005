# METADATA
# title: No route reaches what a BackendTLSPolicy is for
# description: |
#   A BackendTLSPolicy is used where a route sends requests to its Service. Where none does, no controller acts on it and its
#   status stays empty, which looks like a broken controller. That is a note: the route may live elsewhere. Envoy Gateway uses it for
#   Services that its extensions call as well: of a SecurityPolicy, an EnvoyExtensionPolicy, or the telemetry of an EnvoyProxy.
#
#   Where routes do reach the Service, but another port than the one that `sectionName` is for, what they send goes
#   **unencrypted**. Kong, which reads no `sectionName`, takes a policy into account only where an **HTTPRoute** sends requests
#   to its Service: those of a GRPCRoute, a TLSRoute or an Ingress alone go unencrypted.
# related_resources:
#   - description: kgateway, the status of a policy stays empty
#     ref: https://github.com/kgateway-dev/kgateway/issues/13929
#   - description: Kong, internal/controllers/gateway/backendtlspolicy_utils.go, getBackendTLSPolicyAncestors
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/controllers/gateway/backendtlspolicy_utils.go
#   - description: Envoy Gateway, internal/gatewayapi/ext_service.go, processExtServiceDestination
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/ext_service.go
#   - description: BackendTLSPolicy, targetRefs
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
# custom:
#   severity: warning
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: ['spec.targetRefs[*]', spec.targetRef]
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-unreached"]

import data.lib.backend
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("no route in sight sends requests to %s", [ref.label]),
	"effect": "no controller acts on the policy for it, and its status stays empty",
	"remedy": sprintf("refer to %s in backendRefs of a route, or remove the policy", [ref.label]),
	"severity": "info",
} if {
	some ref in input.refs["policy-target"]
	ref.presence == "present"
	ref.kind == "Service"
	not ref.path in _reached
}

findings contains {
	"path": array.concat(ref.path, ["sectionName"]),
	"message": sprintf("section %s of %s is port %s, and routes send to port %s", [section, ref.label, text.list(sort(mine)), text.list(sort(theirs))]),
	"effect": sprintf("requests of %s to %s are sent unencrypted", [text.list(sort(_routes(ref))), ref.label]),
	"remedy": "name the section that routes send to, or have them send to this one",
} if {
	some ref in input.refs["policy-target"]
	ref.kind == "Service"
	section := backend.section(ref)
	section != ""
	ref.path in _reached
	not _only_kong
	mine := {sprintf("%v", [port.port]) | some port in ref.object.spec.ports; port.name == section}
	count(mine) > 0
	theirs := {sprintf("%v", [to.port]) | some to in backend.routed(ref)}
	count(theirs & mine) == 0
	count(theirs) > 0
	not _covered_otherwise(ref)
}

findings contains {
	"path": ref.path,
	"message": sprintf("Kong takes a policy into account where an HTTPRoute sends requests to its Service, and %s is none", [text.list(sort(_routes(ref)))]),
	"effect": sprintf("requests to %s are sent unencrypted", [ref.label]),
	"remedy": sprintf("annotate %s instead (konghq.com/protocol: https, konghq.com/tls-verify, konghq.com/ca-certificates-secrets)", [ref.label]),
} if {
	_only_kong
	some ref in input.refs["policy-target"]
	ref.kind == "Service"
	ref.path in _reached
	not ref.path in _reached_by_http
}

_reached_by_http contains route.path if {
	some route in input.peers.route
	route.kind == "HTTPRoute"
}

_only_kong if {
	input.controllers.kong
	count(input.controllers) == 1
}

_reached contains route.path if some route in input.peers.route

_reached contains extension.path if some extension in input.peers.extension

_routes(ref) := {route.label | some route in input.peers.route; route.path == ref.path}

# Another policy is for the rest of the Service, or another element of this one.
_covered_otherwise(ref) if {
	some peer in input.peers["policy-target"]
	peer.path == ref.path
}

_covered_otherwise(ref) if {
	some other in input.refs["policy-target"]
	other.label == ref.label
	other.path != ref.path
}
