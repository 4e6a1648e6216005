# METADATA
# title: VirtualService has routes of another kind than its Gateway
# description: |
#   Which routes a server of a Gateway reads follows from its port and its mode: `http` where the protocol is HTTP, or HTTPS that the
#   gateway ends; `tls` where it passes TLS through; `tcp` where the protocol is TCP, or TLS that it ends. **Others are never built, and
#   nobody says so**: requests get 404, or connections are closed. A mode that is left out is `PASSTHROUGH`.
#
#   It is said where the VirtualService has no routes for any server of the Gateway with one of its hosts. While the Gateway is out
#   of sight, nothing is said.
# related_resources:
#   - description: Istio, pilot/pkg/networking/core/gateway.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/gateway.go
#   - description: Routes of the wrong kind
#     ref: https://github.com/istio/istio/issues/50403
# custom:
#   severity: warning
#   kinds: [VirtualService.networking.istio.io]
#   triggers: ["spec.gateways"]
#   since: v0.1.0
package policies.istio["route-not-for-mode"]

import data.lib.gateway
import data.lib.istio
import data.lib.text

findings contains {
	"path": ["spec", has[0]],
	"message": sprintf("%s reads %s for these hosts, and the VirtualService has %s", [ref.label, _sections(reads), _sections(has)]),
	"effect": sprintf("connections to %s by that Gateway are led nowhere", [text.list(hosts)]),
	"remedy": _remedy(reads),
	"related": [object.union(
		object.filter(ref, ["group", "kind", "namespace", "name"]),
		{"path": ["spec", "servers", servers[0].index], "message": "reads other routes"},
	)],
} if {
	some ref in input.refs["virtual-service-gateway"]
	ref.object.spec.servers
	has := [section | some section in ["http", "tls", "tcp"]; count(input.object.spec[section]) > 0]
	count(has) > 0
	servers := [{"index": i, "server": server} | some i, server in ref.object.spec.servers; _serves(server)]
	count(servers) > 0
	reads := sort({_read(entry.server) | some entry in servers})
	count({section | some section in reads} & {section | some section in has}) == 0
	hosts := sort({host | some host in input.object.spec.hosts; some entry in servers; _meets(entry.server, host)})
}

_serves(server) if {
	some host in input.object.spec.hosts
	_meets(server, host)
}

# Istio's "*" stands for all, which is none to Gateway API.
_meets(server, host) if {
	some entry in server.hosts
	gateway.meets(trim_prefix(istio.host(entry), "*"), host)
	istio.host(entry) == "*"
}

_meets(server, host) if {
	some entry in server.hosts
	istio.host(entry) != "*"
	gateway.meets(istio.host(entry), host)
}

_read(server) := "http" if istio.plain(server)

_read(server) := "http" if {
	upper(server.port.protocol) == "HTTPS"
	istio.terminates(server)
}

_read(server) := "tcp" if {
	upper(server.port.protocol) == "TLS"
	istio.terminates(server)
}

_read(server) := "tls" if {
	istio.secure(server)
	not istio.terminates(server)
}

_read(server) := "tcp" if {
	not istio.plain(server)
	not istio.secure(server)
}

_sections(names) := text.list([sprintf("spec.%s", [name]) | some name in names])

_remedy(["tls"]) := "write routes under spec.tls that match sniHosts, or have the Gateway end TLS by mode SIMPLE"

_remedy(reads) := sprintf("write the routes under %s, or change the mode of the server", [_sections(reads)]) if reads != ["tls"]
