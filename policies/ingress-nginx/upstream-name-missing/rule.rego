# METADATA
# title: Name in the certificates of the backends is not set
# description: |
#   Two annotations tell nginx the name of the backends. Both must be written: neither is the name of the Service by itself.
#
#   - `proxy-ssl-name` is the name that the certificate of a backend must be for. With `proxy-ssl-verify: "on"` and without it, nginx
#     looks for the name `upstream_balancer`, as every backend is called in its own configuration. No certificate is for that name, so
#     that **every request gets 502**. A name with characters that ingress-nginx refuses counts as none.
#   - `proxy-ssl-server-name: "on"` has nginx say that name when it connects (SNI), by which a backend with several certificates
#     chooses one. It is off by default, whatever the documentation of `proxy-ssl-name` says, and a backend with one certificate works
#     without: a note. Any value but `"on"` is taken for `off`; where it was meant to be on, as with `"true"` or the name itself, that
#     is a warning.
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
	"message": "proxy-ssl-name is not set, and nginx then looks for the name \"upstream_balancer\" in the backends' certificates",
	"effect": "every request to the paths of this Ingress gets 502",
	"remedy": "set proxy-ssl-name to the name in the certificates of the backends, and proxy-ssl-server-name to \"on\"",
} if {
	_verifies
	trim_space(object.get(input.object.metadata.annotations, "nginx.ingress.kubernetes.io/proxy-ssl-name", "")) == ""
	not _named_elsewhere
}

findings contains {
	"path": upstream.path("proxy-ssl-name"),
	"message": sprintf("ingress-nginx refuses the proxy-ssl-name %q, and nginx then looks for the name \"upstream_balancer\" in the backends' certificates", [value]),
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
	"effect": "a backend with several certificates is not told which one to show (SNI)",
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
	"message": "proxy-ssl-server-name is not set, and nginx does not send proxy-ssl-name without it",
	"effect": "a backend with several certificates is not told which one to show (SNI)",
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
