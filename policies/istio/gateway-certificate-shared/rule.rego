# METADATA
# title: Servers share a certificate and differ in what they route
# description: |
#   Browsers send requests for one host over a connection that they have to another, if its certificate is for both (HTTP/2, section
#   9.1.1 of RFC 9113). A gateway routes a connection by the name that it was opened with: **requests for the other host get 404**,
#   until the browser opens a new one. It comes and goes with the order in which pages are visited. Where one of the two asks for
#   client certificates and the other does not, a request meant for the one may come in without.
#
#   Put the hosts into one server, or give each its own certificate. `curl` and most services open a connection for each host, and
#   never see it.
# related_resources:
#   - description: Istio, 404 errors occur when multiple gateways are configured with the same TLS certificate
#     ref: https://istio.io/latest/docs/ops/common-problems/network-issues/#404-errors-occur-when-multiple-gateways-configured-with-same-tls-certificate
#   - description: Wildcard certificates and HTTP/2
#     ref: https://github.com/istio/istio/issues/13589
# custom:
#   severity: warning
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.credentialName", "spec.servers[*].tls.credentialNames"]
#   since: v0.1.0
package policies.istio["gateway-certificate-shared"]

import data.lib.istio

# Within the Gateway.
findings contains {
	"path": ["spec", "servers", j, "tls", _field(other, credential)],
	"message": sprintf("the server for %s shows %s too%s", [istio.hosts(server), credential, _difference(server, other)]),
	"effect": sprintf("browsers with a connection to %s get 404 for %s", [istio.hosts(server), istio.hosts(other)]),
	"remedy": _remedy(server, other),
} if {
	some i, server in input.object.spec.servers
	some j, other in input.object.spec.servers
	i < j
	istio.together(server, other)
	_routes(server)
	_routes(other)
	some credential in _credentials(server)
	credential in _credentials(other)
}

# Of another Gateway, for other hosts: two servers for the same one are another defect.
findings contains {
	"path": peer.path,
	"message": sprintf("%s shows %s too, for %s%s", [peer.label, peer.key, istio.hosts(other), _difference(server, other)]),
	"effect": sprintf("browsers with a connection to %s get 404 for %s", [istio.hosts(other), istio.hosts(server)]),
	"remedy": _remedy(server, other),
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": peer.their_path, "message": "shows the certificate too"},
	)],
} if {
	some peer in input.peers["gateway-credential"]
	server := istio.server(peer.path)
	_routes(server)
	some other in peer.object.spec.servers
	istio.together(server, other)
	_routes(other)
	peer.key in _credentials(other)
	istio.meet(input.object, peer.object)
	{istio.host(entry) | some entry in server.hosts} & {istio.host(entry) | some entry in other.hosts} == set()
}

# TLS that is ended for something else than HTTP has no requests to confuse.
_routes(server) if {
	upper(server.port.protocol) == "HTTPS"
	server.tls.mode in istio.ends
}

_credentials(server) := {name | name := server.tls.credentialName; name != ""} | {name | some name in server.tls.credentialNames}

_field(server, credential) := "credentialName" if server.tls.credentialName == credential

_field(server, credential) := "credentialNames" if object.get(server.tls, "credentialName", "") != credential

_difference(a, b) := "" if _asks(a) == _asks(b)

_difference(a, b) := ", and only one of them asks for client certificates" if _asks(a) != _asks(b)

_remedy(a, b) := "put the hosts into one server, or give each its own certificate" if _asks(a) == _asks(b)

_remedy(a, b) := "give each its own certificate, for its own hosts only" if _asks(a) != _asks(b)

_asks(server) := server.tls.mode in istio.asks
