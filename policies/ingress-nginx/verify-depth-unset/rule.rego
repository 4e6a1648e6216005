# METADATA
# title: Verify depth is left to the default
# description: |
#   Without `auth-tls-verify-depth` ingress-nginx allows **one intermediate** between a client certificate and the root.
#   A client with a longer chain gets 400, and the error reads like a missing CA ("unable to get local issuer
#   certificate"), never "chain too long". Writing the depth down makes the limit visible and fits it to the CA in use.
#
#   The value written is `max(1, longest way from a certificate of ca.crt to its root)`; 1, the default itself, where the
#   bundle is not in sight. The way may lead over `tls.crt` of the Secret, which nginx loads together with `ca.crt`.
#   Intermediates that only clients send cannot be seen: raise the parameter `minimum` for them.
#
#   Nothing is written where another Ingress of the host sets another depth: the host has one policy, and
#   `client-ca-conflict` says that the oldest Ingress's counts. Nor where `auth-tls-verify-client` is `off` or
#   `optional_no_ca`, which let a chain of any length in.
#
#   The webhook records what it writes in the annotation `tlsward.dev/defaulted`. While the value is still the recorded one, it
#   is computed anew with every update, and taken away when mTLS is.
# related_resources:
#   - description: What the depth means
#     ref: https://github.com/kubernetes/ingress-nginx/issues/10666
#   - description: nginx, ssl_verify_depth
#     ref: https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_verify_depth
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
#   default: true
#   parameters:
#     minimum:
#       description: Least depth that is written, for intermediates that only clients send.
#       default: 1
#     inject:
#       description: Whether the webhook also writes what the controller's own default is (always), or only more than that (when-needed).
#       default: always
#       values: [always, when-needed]
package policies["ingress-nginx"]["verify-depth-unset"]

import data.lib.nginx

findings contains {
	"path": ["metadata", "annotations", _depth],
	"message": "auth-tls-verify-depth is not set, and ingress-nginx then allows one intermediate",
	"effect": _effect(needed),
	"remedy": sprintf("set it to \"%d\", %s", [depth, nginx.depth_reason(ref, depth)]),
	"severity": "info",
	"fix": {
		"title": sprintf("set auth-tls-verify-depth to \"%d\"", [depth]),
		"safe": true,
		"edits": [{"op": "set", "path": ["metadata", "annotations", _depth], "value": sprintf("%d", [depth])}],
	},
} if {
	some ref in input.refs["client-ca"]
	_verifies(ref)
	not input.object.metadata.annotations[_depth]
	needed := nginx.least_depth(ref)
	depth := max([input.params["ingress-nginx/verify-depth-unset"].minimum, needed])
	not _sibling_differs(depth)
	_worth_writing(depth)
}

# A value of ours is never blamed on anybody: it warns, and the mutating webhook sets it anew with the next update.
findings contains {
	"path": ["metadata", "annotations", _depth],
	"message": sprintf("tlsward set auth-tls-verify-depth to \"%s\" when the CA needed no more", [set]),
	"effect": _effect(needed),
	"remedy": sprintf("set it to \"%d\", which the CA in use needs", [needed]),
	"fix": {
		"title": sprintf("set auth-tls-verify-depth to \"%d\"", [needed]),
		"safe": true,
		"edits": [{"op": "set", "path": ["metadata", "annotations", _depth], "value": sprintf("%d", [needed])}],
	},
} if {
	some ref in input.refs["client-ca"]
	_verifies(ref)
	set := input.defaulted[_defaulted]
	needed := nginx.needed_depth(ref)
	nginx.depth(set) < needed
}

_defaulted := sprintf("metadata.annotations[\"%s\"]", [_depth])

_worth_writing(_) if input.params["ingress-nginx/verify-depth-unset"].inject == "always"

_worth_writing(depth) if depth > 1

_depth := "nginx.ingress.kubernetes.io/auth-tls-verify-depth"

# Where nothing is verified, or every outcome is let in, a depth has no effect.
_verifies(ref) if {
	ref.in_force
	ref.presence != "absent"
	ref.key_presence != "absent"
	not ref.content.empty
	not _lets_all_in
}

_lets_all_in if input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"] == "optional_no_ca"

_effect(needed) := sprintf("clients with %d intermediates get 400", [needed]) if needed > 1

_effect(1) := "clients with more than one intermediate get 400"

_sibling_differs(depth) if {
	some peer in input.peers.host
	nginx.depth(peer.object.metadata.annotations[_depth]) != depth
	peer.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]
}
