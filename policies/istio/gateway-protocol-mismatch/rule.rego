# METADATA
# title: TLS of a server does not go with its protocol
# description: |
#   A server of the protocol `HTTPS` or `TLS` needs `tls`; one of HTTP has none but `httpsRedirect`, and one of TCP has none at all.
#   **Istio refuses the whole Gateway otherwise.** A `credentialName` without a mode on a port for HTTP is taken and not read: the
#   hosts are served in plain text. `httpsRedirect` redirects on ports for HTTP only.
#
#   Plain HTTP on port 443 is right where a load balancer in front ends TLS, so that it is only a note.
# related_resources:
#   - description: Istio, pkg/config/validation/validation.go, validateServer
#     ref: https://github.com/istio/istio/blob/master/pkg/config/validation/validation.go
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers"]
#   since: v0.1.0
package policies.istio["gateway-protocol-mismatch"]

import data.lib.istio

findings contains {
	"path": ["spec", "servers", i, "port", "protocol"],
	"message": sprintf("a server of protocol %s needs tls", [server.port.protocol]),
	"effect": "Istio refuses the Gateway",
	"remedy": "add tls with a mode and a credentialName, or set protocol to HTTP or TCP",
} if {
	some i, server in input.object.spec.servers
	istio.secure(server)
	not server.tls
}

findings contains {
	"path": ["spec", "servers", i, "tls"],
	"message": sprintf("a server of protocol %s cannot have %s", [server.port.protocol, _what(server)]),
	"effect": "Istio refuses the Gateway",
	"remedy": "set protocol to HTTPS, or to TLS for what is not HTTP",
} if {
	some i, server in input.object.spec.servers
	server.tls
	not istio.secure(server)
	_refused(server)
}

findings contains {
	"path": ["spec", "servers", i, "tls", field],
	"message": sprintf("a server of protocol %s does not read %s", [server.port.protocol, field]),
	"effect": sprintf("%s is served in plain text on port %d", [istio.hosts(server), server.port.number]),
	"remedy": "set protocol to HTTPS and mode to SIMPLE",
} if {
	some i, server in input.object.spec.servers
	istio.plain(server)
	not _refused(server)
	some field in ["credentialName", "credentialNames"]
	field in istio.sources(server.tls)
}

findings contains {
	"path": ["spec", "servers", i, "tls", "httpsRedirect"],
	"message": sprintf("a server of protocol %s redirects nothing", [server.port.protocol]),
	"effect": sprintf("plain HTTP to %s is not redirected", [istio.hosts(server)]),
	"remedy": "move httpsRedirect to the server on the port for HTTP",
	"severity": "warning",
} if {
	some i, server in input.object.spec.servers
	server.tls.httpsRedirect == true
	istio.secure(server)
}

findings contains {
	"path": ["spec", "servers", i, "port", "protocol"],
	"message": "the server has no TLS of its own, on the port for it",
	"effect": sprintf("%s is served in plain text on port 443", [istio.hosts(server)]),
	"remedy": "set protocol to HTTPS, unless a load balancer in front ends TLS",
	"severity": "info",
} if {
	some i, server in input.object.spec.servers
	server.port.number == 443
	istio.plain(server)
	not server.tls
}

# The redirect alone is let through, with the mode that is the default.
_refused(server) if object.get(server.tls, "mode", "PASSTHROUGH") in (istio.ends | {"ISTIO_MUTUAL"})

_refused(server) if not istio.plain(server)

_refused(server) if {
	some field in ["caCertificates", "privateKey", "serverCertificate"]
	object.get(server.tls, field, "") != ""
}

_what(server) := sprintf("TLS of mode %s", [server.tls.mode]) if server.tls.mode

_what(server) := "TLS settings" if not server.tls.mode
