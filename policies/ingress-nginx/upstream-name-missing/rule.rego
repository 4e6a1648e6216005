# METADATA
# title: No name to verify backends by
# description: |
#   With `proxy-ssl-verify: "on"` nginx compares the certificate of a backend with `proxy-ssl-name`. Without that annotation
#   it takes the name in its own configuration, which is the same for every backend, the literal `upstream_balancer`: no
#   certificate is issued for that, and **every request gets 502**. A name with characters that ingress-nginx does not allow
#   counts as none.
#
#   The name is also what nginx asks a backend for (SNI), but only where `proxy-ssl-server-name` is `"on"`; it is off by
#   default, whatever the documentation of `proxy-ssl-name` says. A backend with one certificate works without. It is noted
#   where it is left out, and a warning where it was meant to be on: `"true"`, or the name itself, is taken for `off`.
# related_resources:
#   - description: The certificate does not match upstream_balancer
#     ref: https://github.com/kubernetes/ingress-nginx/issues/4928
#   - description: The same, years later
#     ref: https://github.com/kubernetes/ingress-nginx/issues/12883
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["upstream-name-missing"]

import data.lib.nginx
import data.lib.text
import data.lib.upstream

findings contains {
	"path": upstream.path("proxy-ssl-verify"),
	"message": "proxy-ssl-name is not set, and nginx then expects the backends' certificates to be for \"upstream_balancer\"",
	"effect": "every request to the paths of this Ingress gets 502",
	"remedy": "set proxy-ssl-name to the name in the certificates of the backends, and proxy-ssl-server-name to \"on\"",
} if {
	_verifies
	trim_space(object.get(input.object.metadata.annotations, "nginx.ingress.kubernetes.io/proxy-ssl-name", "")) == ""
	not _named_elsewhere
}

findings contains {
	"path": upstream.path("proxy-ssl-name"),
	"message": sprintf("ingress-nginx does not take the proxy-ssl-name %q, and nginx then expects \"upstream_balancer\"", [value]),
	"effect": "every request to the paths of this Ingress gets 502",
	"remedy": "set proxy-ssl-name to the name in the certificates of the backends",
} if {
	_verifies
	value := input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-name"]
	trim_space(value) != ""
	not _usable(value)
	not _named_elsewhere
}

findings contains {
	"path": upstream.path("proxy-ssl-server-name"),
	"message": sprintf("proxy-ssl-server-name is %q, and ingress-nginx takes whatever is not \"on\" for off", [value]),
	"effect": "nginx asks the backends for no name, and a backend with several certificates shows any of them",
	"remedy": "set proxy-ssl-server-name to \"on\"",
	"severity": "warning",
	"fix": {
		"title": "set proxy-ssl-server-name to \"on\"",
		"safe": true,
		"edits": [{"op": "set", "path": upstream.path("proxy-ssl-server-name"), "value": "on"}],
	},
} if {
	_spoken_to
	_usable(input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-name"])
	value := input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-server-name"]
	not lower(trim_space(value)) in {"", "off", "false", "no", "0", "none", "disabled"}
	not text.unfilled(value)
	trim(value, " ") != "on"
}

findings contains {
	"path": upstream.path("proxy-ssl-name"),
	"message": "proxy-ssl-server-name is not set, and nginx then asks the backends for no name (SNI)",
	"effect": "a backend with several certificates shows any of them",
	"remedy": "set proxy-ssl-server-name to \"on\", or to \"off\" if that is meant",
	"severity": "info",
} if {
	_spoken_to
	_usable(input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-name"])
	trim_space(object.get(input.object.metadata.annotations, "nginx.ingress.kubernetes.io/proxy-ssl-server-name", "")) == ""
}

_verifies if {
	some ref in input.refs["upstream-ca"]
	ref.in_force
	ref.presence != "absent"
	not nginx.lack(ref)
	not nginx.canary(input.object.metadata.annotations)
}

# TLS is spoken with the options of this Ingress, whether certificates are verified or not.
_spoken_to if {
	some ref in input.refs["upstream-ca"]
	ref.presence != "absent"
	upstream.protocol(input.object.metadata.annotations) in {"HTTPS", "AUTO_HTTP"}
	not nginx.canary(input.object.metadata.annotations)
	not nginx.by_hand(input.object.metadata.annotations, "proxy_ssl_server_name")
}

# internal/ingress/annotations/parser/validators.go
_usable(value) if {
	trim_space(value) != ""
	regex.match(`^[A-Za-z0-9._~/:^$\[\](){}*+?|&=\\-]*$`, trim_space(value))
}

_named_elsewhere if nginx.by_hand(input.object.metadata.annotations, "proxy_ssl_name")

# The first Ingress of a host with a CA sets the name for all its locations.
_named_elsewhere if {
	some peer in input.peers.host
	annotations := peer.object.metadata.annotations
	annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"] != ""
	_usable(annotations["nginx.ingress.kubernetes.io/proxy-ssl-name"])
	not nginx.location_only
}
