# METADATA
# title: One BackendTLSPolicy for several targets
# description: |
#   `targetRefs` takes up to 16 targets, and the specification says that implementations should not support more than one. The
#   status of a policy is one for each Gateway, not for each target, so that **a fault of one target hides among the others**.
# related_resources:
#   - description: Gateway API, apis/v1/backendtlspolicy_types.go, TargetRefs
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/main/apis/v1/backendtlspolicy_types.go
# custom:
#   severity: info
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: ['spec.targetRefs[*]']
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-several-targets"]

findings contains {
	"path": ["spec", "targetRefs", 1],
	"message": sprintf("the policy has %d targets, and the specification has controllers support one", [count(input.object.spec.targetRefs)]),
	"effect": "what is wrong with one of them hides in the status of all",
	"remedy": "write a policy for each target",
} if {
	count(input.object.spec.targetRefs) > 1
}
