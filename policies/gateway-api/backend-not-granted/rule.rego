# METADATA
# title: Backend in another namespace is not granted
# description: |
#   A route of a Gateway sends requests to a Service in another namespace, and no ReferenceGrant there lets routes of this kind and
#   namespace do so. The route gets `ResolvedRefs=False` with `RefNotPermitted`, and **requests that would go there get 500**;
#   connections of a TLSRoute are closed. Whether the Service exists is then not told.
#
#   Routes of a mesh, whose parent is a Service, need no grant in Istio, and nothing is said of them.
# related_resources:
#   - description: Gateway API, ReferenceGrant
#     ref: https://gateway-api.sigs.k8s.io/api-types/referencegrant/
#   - description: Gateway API, conformance test httproute-invalid-cross-namespace-backend-ref
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/conformance/tests/httproute-invalid-cross-namespace-backend-ref.go
# custom:
#   severity: error
#   kinds:
#     - HTTPRoute.gateway.networking.k8s.io
#     - GRPCRoute.gateway.networking.k8s.io
#     - TLSRoute.gateway.networking.k8s.io
#   triggers: ['spec.rules[*].backendRefs[*].namespace']
#   since: v0.1.0
package policies["gateway-api"]["backend-not-granted"]

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect[input.id.kind],
	"remedy": sprintf("create a ReferenceGrant in namespace %s, or a Service beside the route", [ref.namespace]),
} if {
	some ref in input.refs["route-backend"]
	ref.grant == "not-granted"
	some parent in input.object.spec.parentRefs
	object.get(parent, "kind", "Gateway") != "Service"
}

_effect := {
	"HTTPRoute": "requests that would go there get 500",
	"GRPCRoute": "calls that would go there fail",
	"TLSRoute": "connections that would go there are closed",
}
