# METADATA
# title: Core group written as a name
# description: |
#   ConfigMaps, Secrets and Services are of the group `""`. Written as `core` or `v1` it names another group. Some implementations
#   take `core` for it: as the group of a CA all known ones but Cilium, as the group of a target Istio, NGINX Gateway Fabric,
#   Kong and Traefik. Others find no such object. A CA that is not found makes **requests fail**; a target that is not found leaves them
#   **unencrypted**.
# related_resources:
#   - description: Cilium, operator/pkg/gateway-api/helpers
#     ref: https://github.com/cilium/cilium/tree/main/operator/pkg/gateway-api/helpers
#   - description: Envoy Gateway, internal/gatewayapi/backendtlspolicy.go, backendTLSTargetMatched
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/backendtlspolicy.go
#   - description: Gateway API, Group
#     ref: https://gateway-api.sigs.k8s.io/reference/spec/#group
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: [references, 'spec.targetRefs[*].group', spec.targetRef.group]
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-group"]

import data.lib.backend
import data.lib.text

findings contains _finding(ref, "error", sprintf("requests to %s fail with 5xx", [text.targets(input.refs)])) if {
	some ref in input.refs["backend-ca"]
	_misspelt(ref, {"ConfigMap", "Secret"})
	count(_refusing(ref)) > 0
}

findings contains _finding(ref, "warning", sprintf("requests to %s fail with 5xx with controllers that find no such object", [text.targets(input.refs)])) if {
	some ref in input.refs["backend-ca"]
	_misspelt(ref, {"ConfigMap", "Secret"})
	count(_refusing(ref)) == 0
	count(_acting) == 0
}

findings contains _finding(ref, "info", "another controller may find no such object") if {
	some ref in input.refs["backend-ca"]
	_misspelt(ref, {"ConfigMap", "Secret"})
	count(_refusing(ref)) == 0
	count(_acting) > 0
}

findings contains _finding(ref, "error", sprintf("%s sends requests to Service %s unencrypted", [backend.controllers[name].title, ref.name])) if {
	some ref in input.refs["policy-target"]
	_misspelt(ref, {"Service"})
	some name in _passing_over
}

findings contains _finding(ref, "info", sprintf("another controller may send requests to Service %s unencrypted", [ref.name])) if {
	some ref in input.refs["policy-target"]
	_misspelt(ref, {"Service"})
	count(_acting) > 0
	count(_passing_over) == 0
	_group(ref) == "core"
}

findings contains _finding(ref, "warning", sprintf("Envoy Gateway, Cilium and kgateway send requests to Service %s unencrypted", [ref.name])) if {
	some ref in input.refs["policy-target"]
	_misspelt(ref, {"Service"})
	count(_acting) == 0
}

_misspelt(ref, kinds) if {
	ref.kind in kinds
	_group(ref) in {"core", "v1"}
}

# What is written: a reference leads to the object that is meant.
_group(ref) := object.get(input.object, array.concat(ref.path, ["group"]), "")

_passing_over := [name | some name in _acting; name in {"cilium", "envoy-gateway", "kgateway"}]

_acting := [name | some name, _ in input.controllers; backend.controllers[name]]

# Envoy Gateway and kgateway do not look at the group of a CA.
_refusing(ref) := [name | some name in _acting; not name in _takers[_group(ref)]]

_takers := {
	"core": {"envoy-gateway", "istio", "nginx-gateway-fabric", "kong", "kgateway", "traefik"},
	"v1": {"envoy-gateway", "kgateway"},
}

_finding(ref, severity, effect) := {
	"path": array.concat(ref.path, ["group"]),
	"message": sprintf("the group of a %s is \"\", not %q", [ref.kind, _group(ref)]),
	"effect": effect,
	"remedy": "set group to \"\"",
	"severity": severity,
	"fix": {
		"title": "set group to \"\"",
		"safe": true,
		"edits": [{"op": "set", "path": array.concat(ref.path, ["group"]), "value": ""}],
	},
}
