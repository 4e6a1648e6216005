# METADATA
# title: Verify depth for a backend is left to the default of Kong
# description: |
#   Without a depth Kong allows **one intermediate** between the certificate of a backend and the root. Of a backend with a longer
#   chain every request gets 502, and the error log reads like a missing CA ("unable to get local issuer certificate"). Writing the
#   depth down makes the limit visible and fits it to the CAs in use.
#
#   The value written is the longest way from one of the CAs in sight to its root, and 1, the default itself, where none is
#   longer. Intermediates that only backends send cannot be seen: raise the parameter `minimum` for them.
#
#   Kong alone has such an option, and kgateway refuses a policy that has it. So it is written where **Kong is the only
#   controller** that acts. Which one that is, the routes to the Service tell: a policy that is created before its route gets
#   the option with a later update, or at once with `controllers: {only: [kong]}` in the config. Kong reads policies of version
#   v1alpha3, and with the feature gate `GatewayAlpha`: without them the option reaches nobody.
#
#   The webhook records what it writes in the annotation `tlsward.dev/defaulted`. While the value is still the recorded one, it
#   is computed anew with every update, and taken away when its cause is gone. It is not called for Services: of these speaks
#   `kong/annotated-verify-depth-unset`.
# related_resources:
#   - description: Kong's controller, internal/gatewayapi/consts.go, tls-verify-depth
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/gatewayapi/consts.go
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
#   - description: nginx, proxy_ssl_verify_depth
#     ref: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_verify_depth
# custom:
#   severity: warning
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [kong]
#   triggers: [references]
#   since: v0.1.0
#   default: true
#   parameters:
#     minimum:
#       description: Least depth that is written, for intermediates that only backends send.
#       default: 1
#     inject:
#       description: Whether the webhook also writes what the controller's own default is (always), or only more than that (when-needed).
#       default: always
#       values: [always, when-needed]
package policies.kong["verify-depth-unset"]

import data.lib.kong
import data.lib.text

findings contains object.union(
	{
		"path": ["spec", "options", "tls-verify-depth"],
		"message": sprintf("tls-verify-depth is not set, and Kong then allows one intermediate%s", [_unread]),
		"effect": _effect(text.targets(input.refs), kong.depth),
		"remedy": sprintf("set it to \"%d\"", [depth]),
		"severity": _severity(kong.depth),
	},
	_fix(depth),
) if {
	input.controllers.kong
	input.refs["kong-policy-ca"]
	not input.object.spec.options["tls-verify-depth"]
	depth := max([input.params["kong/verify-depth-unset"].minimum, kong.depth])
	_worth_writing(depth)
}

_worth_writing(_) if input.params["kong/verify-depth-unset"].inject == "always"

_worth_writing(depth) if depth > 1

_severity(needed) := "warning" if needed > 1

_severity(1) := "info"

_unread := "" if input.id.version == "v1alpha3"

_unread := sprintf("; it reads policies as v1alpha3 only, so that nobody reads the option where the cluster serves only %s", [input.id.version]) if {
	input.id.version != "v1alpha3"
}

_effect(target, needed) := sprintf("requests to %s get 502 where its certificate has %d intermediates", [target, needed]) if needed > 1

_effect(target, 1) := sprintf("requests to %s get 502 where its certificate has more than one intermediate", [target])

_fix(depth) := {"fix": {
	"title": sprintf("set tls-verify-depth to \"%d\"", [depth]),
	"safe": true,
	"edits": [{"op": "set", "path": ["spec", "options", "tls-verify-depth"], "value": sprintf("%d", [depth])}],
}} if {
	count(input.controllers) == 1
}

_fix(_) := {} if count(input.controllers) > 1
