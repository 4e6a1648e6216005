# METADATA
# title: Backend TLS options, and a protocol that does not use them
# description: |
#   `proxy-ssl-*` counts where `backend-protocol` is `HTTPS`, and nowhere else. With `HTTP`, the default, and with `GRPC` and
#   `FCGI` nginx **calls backends without TLS**, whatever the other annotations say. `AUTO_HTTP` calls them as the client
#   called: a request that came in by plain HTTP goes on in plain text. With `GRPCS` nginx speaks TLS but reads `grpc_ssl_*`,
#   which ingress-nginx does not write: **backends are not verified, and no client certificate is shown**.
#
#   Nothing is said where a snippet sets `grpc_ssl_*`, or where `ssl-passthrough` leaves nothing to these options.
# related_resources:
#   - description: Client certificates for GRPCS backends
#     ref: https://github.com/kubernetes/ingress-nginx/issues/6893
#   - description: The change that would have added grpc_ssl_*, never merged
#     ref: https://github.com/kubernetes/ingress-nginx/pull/8188
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify"]'
#   since: v0.1.0
package policies["ingress-nginx"]["upstream-tls-not-used"]

import data.lib.nginx
import data.lib.text
import data.lib.upstream

findings contains {
	"path": _asked[0],
	"message": sprintf("%s counts only with backend-protocol HTTPS, and it is %s", [_asked[1], _said]),
	"effect": sprintf("nginx calls the backends of %s without TLS", [text.hosts(input.object)]),
	"remedy": "set backend-protocol to \"HTTPS\"",
} if {
	_asked
	upstream.protocol(input.object.metadata.annotations) in {"HTTP", "GRPC", "FCGI"}
	_said
}

findings contains {
	"path": _asked[0],
	"message": "backend-protocol AUTO_HTTP calls backends as the client called, and clients may call by plain HTTP",
	"effect": sprintf("requests to %s that come in by plain HTTP go on without TLS", [text.hosts(input.object)]),
	"remedy": "set backend-protocol to \"HTTPS\", or force-ssl-redirect to \"true\"",
	"severity": "warning",
} if {
	_asked
	upstream.protocol(input.object.metadata.annotations) == "AUTO_HTTP"
	_plain_http
}

findings contains {
	"path": _asked[0],
	"message": sprintf("with backend-protocol GRPCS nginx does not read what ingress-nginx makes of %s", [_asked[1]]),
	"effect": sprintf("the backends of %s are not verified, and see no client certificate", [text.hosts(input.object)]),
	"remedy": "set grpc_ssl_* in a configuration-snippet, or leave TLS to a service mesh",
	"severity": _severity,
} if {
	_asked
	upstream.protocol(input.object.metadata.annotations) == "GRPCS"
	not nginx.by_hand(input.object.metadata.annotations, "grpc_ssl_")
}

# Where what asks for TLS stands, and its name.
_asked := [ref.path, "proxy-ssl-secret"] if {
	_mine
	ref := input.refs["upstream-ca"][0]
}

_asked := [upstream.path("proxy-ssl-verify"), "proxy-ssl-verify"] if {
	_mine
	not input.refs["upstream-ca"]
	upstream.wants_verified(input.object.metadata.annotations)
}

_mine if {
	not nginx.canary(input.object.metadata.annotations)
	not nginx.passes_through(input.object.metadata.annotations)
}

# Undefined for what is none of them: backend-protocol-invalid reports that.
_said := "not set" if {
	trim_space(object.get(input.object.metadata.annotations, "nginx.ingress.kubernetes.io/backend-protocol", "")) == ""
}

_said := upstream.protocol(input.object.metadata.annotations) if {
	upstream.known_protocol(input.object.metadata.annotations["nginx.ingress.kubernetes.io/backend-protocol"])
}

_severity := "error" if upstream.wants_verified(input.object.metadata.annotations)

_severity := "warning" if not upstream.wants_verified(input.object.metadata.annotations)

# Plain HTTP is redirected where some Ingress of the host has a certificate, unless that is switched off.
_plain_http if {
	not nginx.switched_on("ssl-redirect")
	not nginx.switched_on("force-ssl-redirect")
}

_plain_http if {
	count(object.get(input.object.spec, "tls", [])) == 0
	not nginx.switched_on("force-ssl-redirect")
	not _peer_with_certificate
}

_peer_with_certificate if {
	some peer in input.peers.host
	count(peer.object.spec.tls) > 0
}
