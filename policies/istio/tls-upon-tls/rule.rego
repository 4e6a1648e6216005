# METADATA
# title: TLS is put upon TLS
# description: |
#   The ServiceEntry says of a port that clients speak TLS on it (protocol HTTPS or TLS), and a DestinationRule has the proxy begin TLS on
#   it as well. **The server gets TLS within TLS**: clients see "wrong version number", or a connection that is reset.
#
#   It is right where a VirtualService sends requests of plain HTTP to that port; with one in sight nothing is said. Otherwise set `tls`
#   for the port on which clients speak HTTP only (`portLevelSettings`).
# related_resources:
#   - description: Istio, wrong version number
#     ref: https://istio.io/latest/docs/ops/common-problems/network-issues/#double-tls
#   - description: Istio, double TLS
#     ref: https://github.com/istio/istio/issues/17031
# custom:
#   severity: warning
#   kinds: [DestinationRule.networking.istio.io]
#   controllers: [istio]
#   triggers:
#     - spec.trafficPolicy.tls.mode
#     - spec.trafficPolicy.portLevelSettings[*].tls.mode
#   since: v0.1.0
package policies.istio["tls-upon-tls"]

import data.lib.mesh

findings contains {
	"path": array.concat(entry.path, ["tls", "mode"]),
	"message": sprintf("%s has clients speak %s on port %v already", [peer.label, port.protocol, port.number]),
	"effect": sprintf("requests of such clients to port %v of %s fail, as the server gets TLS within TLS", [port.number, peer.key]),
	"remedy": "set tls under portLevelSettings for the port on which clients speak HTTP, or make the port one of HTTP",
	"related": [mesh.related(peer, "its ports")],
} if {
	some peer in input.peers["service-entry"]
	some port in peer.object.spec.ports
	upper(port.protocol) in {"HTTPS", "TLS"}
	some entry in mesh.for_port(input.object, port.number)
	entry.policy.tls.mode in {"SIMPLE", "MUTUAL"}
	not _plain_requests
}

# Something sends requests there that are no TLS.
_plain_requests if {
	some peer in input.peers["virtual-service"]
	peer.object.spec.http
}

_plain_requests if input.peers.route
