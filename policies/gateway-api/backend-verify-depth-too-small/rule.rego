# METADATA
# title: Verify depth is too small for the backend's CA
# description: |
#   Kong verifies backends with as many intermediates between their certificate and the root as the option `tls-verify-depth` says.
#   The CAs in sight issue below more. A backend whose chain is longer is refused, and the error reads like a missing CA ("unable to
#   get local issuer certificate"). Where the option is not set, which allows one, `kong/verify-depth-unset` says it.
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
#   triggers: ['spec.options["tls-verify-depth"]']
#   since: v0.1.0
package policies["gateway-api"]["backend-verify-depth-too-small"]

import data.lib.kong
import data.lib.text

findings contains object.union(
	{
		"path": ["spec", "options", "tls-verify-depth"],
		"message": sprintf("the verify depth is %d, and the CAs in use need %d", [depth, kong.depth]),
		"effect": sprintf("requests to %s fail with 5xx where its certificate has more intermediates than %d", [text.targets(input.refs), depth]),
		"remedy": sprintf("set tls-verify-depth to \"%d\"", [kong.depth]),
	},
	_fix,
) if {
	input.controllers.kong
	value := input.object.spec.options["tls-verify-depth"]
	kong.whole(value)
	input.refs["kong-policy-ca"]
	kong.depth > 1
	depth := kong.number(value)
	depth >= 0
	depth < kong.depth
}

# kgateway refuses the option.
_fix := {"fix": {
	"title": sprintf("set tls-verify-depth to \"%d\"", [kong.depth]),
	"safe": true,
	"edits": [{"op": "set", "path": ["spec", "options", "tls-verify-depth"], "value": sprintf("%d", [kong.depth])}],
}} if {
	count(input.controllers) == 1
}

_fix := {} if count(input.controllers) > 1
