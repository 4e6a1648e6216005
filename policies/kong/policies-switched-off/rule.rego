# METADATA
# title: Kong runs without the feature gate for BackendTLSPolicies
# description: |
#   Kong's controller reads BackendTLSPolicies only with the feature gate `GatewayAlpha`, which is off by default. Without it
#   there is no status and no event, and backends are called **unencrypted**.
#
#   The gate is set by the flag `--feature-gates` or the variable `CONTROLLER_FEATURE_GATES` of the controller, and not read
#   from there. Only where the config says how it is set (`controllers: {settings: {kong: {feature-gates: ""}}}`) is anything
#   said.
# related_resources:
#   - description: Kong's controller, pkg/manager/config/feature_gates_keys.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/pkg/manager/config/feature_gates_keys.go
#   - description: Kong's controller, internal/manager/controllerdef.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/manager/controllerdef.go
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [kong]
#   triggers: ['spec.targetRefs[*]', spec.targetRef]
#   since: v0.1.0
package policies.kong["policies-switched-off"]

import data.lib.backend

findings contains {
	"path": ["spec", "targetRefs"],
	"message": sprintf("Kong reads BackendTLSPolicies with the feature gate GatewayAlpha only, and its gates are %q", [gates.value]),
	"effect": backend.refused("kong", input.refs),
	"remedy": "set the gate GatewayAlpha=true, or annotate the Service for Kong (konghq.com/protocol: https, konghq.com/tls-verify)",
} if {
	input.controllers.kong
	gates := input.settings.kong["feature-gates"]
	gates.certainty == "known"
	not regex.match(`(^|,) *GatewayAlpha *= *(1|t|T|TRUE|true|True) *(,|$)`, gates.value)
}
