# METADATA
# title: Gloo accepts what it cannot use
# description: |
#   Settings under `gateway.validation` decide what Gloo's own webhook refuses. The chart's defaults refuse next to nothing: with `alwaysAccept: true`
#   every object that can be read is taken, and a VirtualService without a certificate is found out by its clients.
#   With `warnMissingTlsSecret: true` an Upstream whose Secret is missing is called **unencrypted**. Without `fullEnvoyValidation`, what
#   only Envoy refuses, such as overlapping `sniDomains`, gets through.
#
#   It tells that nothing but this linter stands between such an object and the proxies.
#
#   It is so in every installation by the chart that does not say otherwise. The rule is off but in the profile `strict`.
# related_resources:
#   - description: Gloo, install/helm/gloo/values-template.yaml
#     ref: https://github.com/solo-io/gloo/blob/main/install/helm/gloo/values-template.yaml
#   - description: kgateway-dev/kgateway#4466
#     ref: https://github.com/kgateway-dev/kgateway/issues/4466
# custom:
#   severity: info
#   profiles: {default: "off", strict: note, migration: "off"}
#   kinds:
#     - Settings.gloo.solo.io
#   triggers:
#     - spec.gateway.validation
#   since: v0.1.0
package policies.gloo["validation-permissive"]

findings contains {
	"path": ["spec", "gateway", "validation", setting],
	"message": sprintf("%s is %v", [setting, value]),
	"effect": _effect[setting],
	"remedy": sprintf("set %s: %v", [setting, safe]),
} if {
	some setting, safe in _safe
	value := object.get(input.object.spec.gateway.validation, setting, _default[setting])
	is_boolean(value)
	value != safe
}

_safe := {"alwaysAccept": false, "warnMissingTlsSecret": false, "fullEnvoyValidation": true}

# Without a word Gloo always accepts, takes a missing Secret for an error, and does not ask Envoy (settings.proto).
_default := {"alwaysAccept": true, "warnMissingTlsSecret": false, "fullEnvoyValidation": false}

_effect := {
	"alwaysAccept": "Gloo's webhook lets every VirtualService and Upstream in, whatever is wrong with it",
	"warnMissingTlsSecret": "an Upstream whose Secret is missing is called unencrypted",
	"fullEnvoyValidation": "what only Envoy refuses gets in, and no change to its listener takes effect any more",
}
