# METADATA
# title: Backends of one rule have different BackendTLSPolicies
# description: |
#   NGINX Gateway Fabric puts all backends of a rule of a route into one upstream, and verifies them all alike. Where the
#   policies of the backends differ in `hostname`, CAs or well-known CAs, or a backend after one with a policy has none, it rejects
#   the rule with `UnsupportedValue`, and **every request to it gets 500**. Two policies with `wellKnownCACertificates` always
#   count as different.
# related_resources:
#   - description: NGINX Gateway Fabric, one policy for the backends of a rule
#     ref: https://github.com/nginx/nginx-gateway-fabric/issues/1546
#   - description: NGINX Gateway Fabric, internal/controller/state/graph/backend_refs.go, validateBackendTLSPolicyMatchingAllBackends
#     ref: https://github.com/nginx/nginx-gateway-fabric/blob/main/internal/controller/state/graph/backend_refs.go
# custom:
#   severity: error
#   kinds: [HTTPRoute.gateway.networking.k8s.io, GRPCRoute.gateway.networking.k8s.io]
#   controllers: [nginx-gateway-fabric]
#   triggers: ['spec.rules[*].backendRefs[*]']
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-policies-differ"]

import data.lib.backend
import data.lib.text

findings contains {
	"path": other.path,
	"message": sprintf("%s, and NGINX Gateway Fabric verifies all backends of a rule alike", [_difference(first, other)]),
	"effect": sprintf("requests that the rule takes, for %s, get 500", [text.list(hosts)]),
	"remedy": "give them policies with the same hostname and CA, or rules of their own",
} if {
	input.controllers["nginx-gateway-fabric"]
	count(input.peers["backend-policy"]) > 0
	some number, _ in input.object.spec.rules
	backends := [{"path": ref.path, "label": ref.label, "policies": _policies(ref)} | some ref in input.refs["route-backend"]; ref.path[2] == number; count(backend.ports(ref)) > 0]
	some i, first in backends
	count(first.policies) > 0
	count([1 | some j, earlier in backends; j < i; count(earlier.policies) > 0]) == 0
	some k, other in backends
	k > i
	first.policies != other.policies
	hosts := _hosts
}

_hosts := input.object.spec.hostnames if count(input.object.spec.hostnames) > 0

_hosts := ["all hosts"] if count(object.get(input.object.spec, "hostnames", [])) == 0

# What NGINX Gateway Fabric compares of the policies of a backend.
_policies(ref) := {_compared(peer) |
	some port in backend.ports(ref)
	some peer in backend.policies(ref, port)
}

_compared(peer) := [peer.object.spec.validation.hostname, peer.object.spec.validation.caCertificateRefs] if {
	peer.object.spec.validation.caCertificateRefs
}

# It compares pointers.
_compared(peer) := [peer.object.spec.validation.hostname, peer.label] if {
	not peer.object.spec.validation.caCertificateRefs
}

_difference(first, other) := sprintf("%s has no BackendTLSPolicy, and %s has one", [other.label, first.label]) if count(other.policies) == 0

_difference(first, other) := sprintf("the BackendTLSPolicies of %s and %s differ", [first.label, other.label]) if count(other.policies) > 0
