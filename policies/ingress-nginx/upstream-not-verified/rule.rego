# METADATA
# title: Backends are not verified
# description: |
#   `proxy-ssl-secret` alone verifies nothing: ingress-nginx looks at the certificate of a backend only where
#   `proxy-ssl-verify` is `"on"`. **Any other value is taken for `off`**, `"true"` and `"On"` among them, and it is the
#   default: whoever can answer in the place of a backend reads what clients send.
#
#   A value that was meant to be on is an error, and none at all a warning. `off` in so many words opens as much, and is a note
#   only: somebody decided it. The Secret is needed to show backends a client certificate too, which is often all that is wanted of
#   it in a network that is trusted, and nothing in an object tells whether it is. `auth-tls-verify-client: "off"` is judged the same.
# related_resources:
#   - description: Verification should be on by default
#     ref: https://github.com/kubernetes/ingress-nginx/issues/7083
#   - description: ingress-nginx, internal/ingress/annotations/proxyssl/main.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/annotations/proxyssl/main.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["upstream-not-verified"]

import data.lib.nginx
import data.lib.text
import data.lib.upstream

# Meant to be on.
findings contains object.union(
	{
		"path": upstream.path("proxy-ssl-verify"),
		"message": sprintf("proxy-ssl-verify is %q, and ingress-nginx takes whatever is not \"on\" for off", [value]),
		"effect": sprintf("the backends of %s are not verified", [text.hosts(input.object)]),
		"remedy": _remedy,
	},
	_fix(value),
) if {
	_unverified
	upstream.wants_verified(input.object.metadata.annotations)
	value := input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify"]
}

findings contains {
	"path": upstream.path("proxy-ssl-verify"),
	"message": "proxy-ssl-verify is off",
	"effect": sprintf("the backends of %s may show any certificate", [text.hosts(input.object)]),
	"remedy": _remedy,
	"severity": "info",
} if {
	_unverified
	value := input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify"]
	trim_space(value) != ""
	not upstream.wants_verified(input.object.metadata.annotations)
}

findings contains {
	"path": input.refs["upstream-ca"][0].path,
	"message": "proxy-ssl-verify is not set, and off by default",
	"effect": sprintf("the backends of %s may show any certificate", [text.hosts(input.object)]),
	"remedy": _remedy,
	"severity": "warning",
} if {
	_unverified
	trim_space(object.get(input.object.metadata.annotations, "nginx.ingress.kubernetes.io/proxy-ssl-verify", "")) == ""
}

_unverified if {
	some ref in input.refs["upstream-ca"]

	# What is missing, or holds no CA, is reported as that.
	ref.presence != "absent"
	not nginx.lack(ref)
	not upstream.verifies(input.object.metadata.annotations)
	upstream.protocol(input.object.metadata.annotations) in {"HTTPS", "AUTO_HTTP"}
	not nginx.canary(input.object.metadata.annotations)
	not nginx.by_hand(input.object.metadata.annotations, "proxy_ssl_verify")
	not text.unfilled(object.get(input.object.metadata.annotations, "nginx.ingress.kubernetes.io/proxy-ssl-verify", ""))
}

_remedy := "set proxy-ssl-verify to \"on\"" if _named

_remedy := "set proxy-ssl-verify to \"on\", and proxy-ssl-name to the name in the certificates of the backends" if not _named

_named if object.get(input.object.metadata.annotations, "nginx.ingress.kubernetes.io/proxy-ssl-name", "") != ""

# Without a name every backend would be refused from then on.
_fix(value) := {"fix": {
	"title": "set proxy-ssl-verify to \"on\"",
	"safe": true,
	"edits": [{"op": "set", "path": upstream.path("proxy-ssl-verify"), "value": "on"}],
}} if {
	_said_on(value)
	_named
}

_fix(value) := {} if not _said_on(value)

_fix(_) := {} if not _named

_said_on(value) if lower(trim_space(value)) in {"on", "true", "yes", "1", "enabled"}
