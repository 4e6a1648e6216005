# METADATA
# title: Host with TLS is served over plain HTTP too
# description: |
#   A Gateway ends TLS for a host, and it or another one for the same pods has the host on a port for plain HTTP without
#   `httpsRedirect`. **What the VirtualServices of the host have routes for is then reached in clear text, and without the client
#   certificate** that the server with TLS may ask for.
#
#   It is fine where a VirtualService redirects, or where something in front does, or lets nobody in on that port. Redirects of
#   VirtualServices in sight are seen. For hosts with a wildcard, of which these may stand anywhere, it is a note. With the parameter
#   `inject: always` the webhook writes `httpsRedirect: true`; do not where challenges of ACME come in on the port, as Istio redirects
#   these too.
# related_resources:
#   - description: Istio, Secure Gateways, HTTPS redirect
#     ref: https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings
# custom:
#   severity: warning
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers"]
#   since: v0.1.0
#   default: true
#   parameters:
#     inject:
#       description: "Whether the webhook writes httpsRedirect true (always), or only a warning is given (never)."
#       default: never
#       values: [never, always]
package policies.istio["gateway-plain-http-open"]

import data.lib.istio
import data.lib.text

findings contains object.union(
	{
		"path": ["spec", "servers", i, "port"],
		"message": sprintf("port %d has no httpsRedirect, and TLS is ended for %s on another port", [server.port.number, text.list(hosts)]),
		"effect": _effect(hosts),
		"remedy": "set httpsRedirect in tls of this server",
		"severity": _severity(hosts),
	},
	_fix(i),
) if {
	some i, server in input.object.spec.servers
	istio.plain(server)
	not server.tls.httpsRedirect
	hosts := sort({istio.host(entry) |
		some entry in server.hosts
		_ended(istio.host(entry))
		not _redirected(istio.host(entry))
	})
	count(hosts) > 0
}

_ended(host) if {
	some server in input.object.spec.servers
	_ends(server, host)
}

_ended(host) if {
	some peer in input.peers["gateway-host"]
	peer.key == host
	istio.meet(input.object, peer.object)
	some server in peer.object.spec.servers
	_ends(server, host)
}

_ends(server, host) if {
	istio.terminates(server)
	some entry in server.hosts
	istio.host(entry) == host
}

# A VirtualService of the host redirects, whatever it does besides. Where the list of them is cut, one may.
_redirected(host) if {
	some peer in input.peers["virtual-service"]
	peer.key == host
	some route in peer.object.spec.http
	route.redirect.scheme == "https"
}

_redirected(_) if "virtual-service" in input.truncated

_verified(host) if {
	some object in array.concat([input.object], [peer.object | some peer in input.peers["gateway-host"]; peer.key == host])
	some server in object.spec.servers
	_ends(server, host)
	server.tls.mode in {"MUTUAL", "ISTIO_MUTUAL"}
}

_effect(hosts) := sprintf("requests to %s on that port reach backends without a client certificate", [text.list(verified)]) if {
	verified := [host | some host in hosts; _verified(host)]
	count(verified) > 0
}

_effect(hosts) := sprintf("requests to %s are sent and answered in clear text", [text.list(hosts)]) if {
	every host in hosts {
		not _verified(host)
	}
}

_severity(hosts) := "warning" if {
	some host in hosts
	not startswith(host, "*")
}

_severity(hosts) := "info" if {
	every host in hosts {
		startswith(host, "*")
	}
}

default _fix(_) := {}

_fix(i) := {"fix": {
	"title": "set httpsRedirect to true",
	"safe": true,
	"edits": [{"op": "set", "path": ["spec", "servers", i, "tls", "httpsRedirect"], "value": true}],
}} if {
	input.params["istio/gateway-plain-http-open"].inject == "always"
}
