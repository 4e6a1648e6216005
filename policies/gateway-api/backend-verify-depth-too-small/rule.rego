# METADATA
# title: Verify depth is too small for the backend's CA
# description: |
#   Kong verifies backends with as many intermediates between their certificate and the root as the option `tls-verify-depth` says,
#   and with **one** where it is not set or is no number. The CA in sight issues below more. A backend whose chain is longer is
#   refused, and the error reads like a missing CA ("unable to get local issuer certificate").
#
#   Gateway API itself knows no depth (GEP-91). Of the other implementations none has such an option, and kgateway refuses a policy
#   that has it.
# related_resources:
#   - description: Kong, internal/gatewayapi/consts.go, tls-verify-depth
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/gatewayapi/consts.go
#   - description: nginx, proxy_ssl_verify_depth
#     ref: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_verify_depth
# custom:
#   severity: warning
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [kong]
#   triggers: [references]
#   since: v0.1.0
package policies["gateway-api"]["backend-verify-depth-too-small"]

import data.lib.text

findings contains object.union(
	{
		"path": ["spec", "options", "tls-verify-depth"],
		"message": sprintf("the verify depth is %d, and the CAs of %s need %d", [depth, ref.label, ref.content.depth]),
		"effect": sprintf("requests to %s fail with 5xx where its certificate has more intermediates than %d", [text.targets(input.refs), depth]),
		"remedy": sprintf("set tls-verify-depth to \"%d\"", [ref.content.depth]),
	},
	_fix(ref),
) if {
	input.controllers.kong
	some ref in input.refs["backend-ca"]
	ref.content.depth > 1
	depth := _depth
	depth < ref.content.depth
}

# What Kong makes of the option (internal/dataplane/translator/ingressrules.go).
_depth := to_number(input.object.spec.options["tls-verify-depth"]) if _number

_depth := 1 if not _number

_number if regex.match(`^[0-9]{1,9}$`, input.object.spec.options["tls-verify-depth"])

# kgateway refuses the option.
_fix(ref) := {"fix": {
	"title": sprintf("set tls-verify-depth to \"%d\"", [ref.content.depth]),
	"safe": true,
	"edits": [{"op": "set", "path": ["spec", "options", "tls-verify-depth"], "value": sprintf("%d", [ref.content.depth])}],
}} if {
	count(input.controllers) == 1
	every other in input.refs["backend-ca"] {
		object.get(other, ["content", "depth"], 1) <= ref.content.depth
	}
}

_fix(_) := {} if count(input.controllers) > 1

_fix(ref) := {} if {
	some other in input.refs["backend-ca"]
	other.content.depth > ref.content.depth
}
