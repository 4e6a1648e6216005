# METADATA
# title: Cilium ignores a BackendTLSPolicy for backends of a GRPCRoute
# description: |
#   Cilium (seen in 1.20) sets TLS up for backends of an HTTPRoute. For those of a GRPCRoute it accepts the policy, and **sends
#   requests unencrypted**.
# related_resources:
#   - description: Cilium, BackendTLSPolicy and GRPCRoute
#     ref: https://github.com/cilium/cilium/issues/48935
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [cilium]
#   triggers: ['spec.targetRefs[*]', spec.targetRef]
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-ignored-for-grpc"]

findings contains {
	"path": ref.path,
	"message": sprintf("Cilium sets up no TLS for backends of %s", [route.label]),
	"effect": sprintf("requests of %s to %s are sent unencrypted", [route.label, ref.label]),
	"remedy": "route to it by an HTTPRoute",
	"related": [object.union(
		object.filter(route, ["group", "kind", "namespace", "name"]),
		{"path": route.their_path, "message": "sends requests to it"},
	)],
} if {
	input.controllers.cilium
	some route in input.peers.route
	route.kind == "GRPCRoute"
	some ref in input.refs["policy-target"]
	ref.path == route.path
}
