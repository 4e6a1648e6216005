# METADATA
# title: Verify depth for backends is left to the default
# description: |
#   Without `proxy-ssl-verify-depth` ingress-nginx allows **one intermediate** between the certificate of a backend and the
#   root. A backend with a longer chain gets no request, clients get 502, and the error log reads like a missing CA ("unable
#   to get local issuer certificate"), never "chain too long". Writing the depth down makes the limit visible and fits it to
#   the CA in use.
#
#   The value written is `max(1, longest way from a certificate of ca.crt to its root)`; 1, the default itself, where the
#   bundle is not in sight. The way may lead over `tls.crt` of the Secret, which nginx loads together with `ca.crt`.
#   Intermediates that only backends send cannot be seen: raise the parameter `minimum` for them.
#
#   Nothing is written where nothing is verified.
#
#   The webhook records what it writes in the annotation `tlsward.dev/defaulted`. While the value is still the recorded one, it
#   is computed anew with every update, and taken away when the verification is.
# related_resources:
#   - description: What the depth means
#     ref: https://github.com/kubernetes/ingress-nginx/issues/10666
#   - description: nginx, proxy_ssl_verify_depth
#     ref: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_verify_depth
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
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
package policies["ingress-nginx"]["upstream-verify-depth-unset"]

import data.lib.nginx

findings contains {
	"path": ["metadata", "annotations", _depth],
	"message": "proxy-ssl-verify-depth is not set, and ingress-nginx then allows one intermediate",
	"effect": _effect(needed),
	"remedy": sprintf("set it to \"%d\", %s", [depth, nginx.depth_reason(ref, depth)]),
	"severity": "info",
	"fix": {
		"title": sprintf("set proxy-ssl-verify-depth to \"%d\"", [depth]),
		"safe": true,
		"edits": [{"op": "set", "path": ["metadata", "annotations", _depth], "value": sprintf("%d", [depth])}],
	},
} if {
	some ref in input.refs["upstream-ca"]
	_verifies(ref)
	not input.object.metadata.annotations[_depth]
	needed := nginx.least_depth(ref)
	depth := max([input.params["ingress-nginx/upstream-verify-depth-unset"].minimum, needed])
	_worth_writing(depth)
}

# A value of ours is never blamed on anybody: it warns, and the mutating webhook sets it anew with the next update.
findings contains {
	"path": ["metadata", "annotations", _depth],
	"message": sprintf("tlsward set proxy-ssl-verify-depth to \"%s\" when the CA needed no more", [set]),
	"effect": _effect(needed),
	"remedy": sprintf("set it to \"%d\", which the CA in use needs", [needed]),
	"fix": {
		"title": sprintf("set proxy-ssl-verify-depth to \"%d\"", [needed]),
		"safe": true,
		"edits": [{"op": "set", "path": ["metadata", "annotations", _depth], "value": sprintf("%d", [needed])}],
	},
} if {
	some ref in input.refs["upstream-ca"]
	_verifies(ref)
	set := input.defaulted[_defaulted]
	needed := nginx.needed_depth(ref)
	nginx.depth(set) < needed
}

_defaulted := sprintf("metadata.annotations[\"%s\"]", [_depth])

_worth_writing(_) if input.params["ingress-nginx/upstream-verify-depth-unset"].inject == "always"

_worth_writing(depth) if depth > 1

_depth := "nginx.ingress.kubernetes.io/proxy-ssl-verify-depth"

# Where nothing is verified, a depth has no effect.
_verifies(ref) if {
	ref.in_force
	ref.presence != "absent"
	ref.key_presence != "absent"
	not ref.content.empty
	not nginx.canary(input.object.metadata.annotations)
}

_effect(needed) := sprintf("requests to backends with %d intermediates get 502", [needed]) if needed > 1

_effect(1) := "requests to backends with more than one intermediate get 502"
