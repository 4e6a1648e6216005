# METADATA
# title: Plain HTTP to port 443
# description: |
#   A ServiceEntry for a host outside the mesh says that clients speak HTTP, and what they send goes to port 443 of the server. No
#   DestinationRule in sight has the proxy begin TLS: requests are sent **unencrypted**, and servers that speak TLS there answer 400
#   or hang up.
#
#   Add a DestinationRule with `tls` for the host. If clients speak TLS themselves, the protocol is HTTPS or TLS. Turn the rule off
#   where the DestinationRule is kept elsewhere.
# related_resources:
#   - description: Istio, TLS origination for egress traffic
#     ref: https://istio.io/latest/docs/tasks/traffic-management/egress/egress-tls-origination/
#   - description: Istio, plain HTTP sent to an HTTPS port
#     ref: https://github.com/istio/istio/issues/31738
# custom:
#   severity: warning
#   kinds: [ServiceEntry.networking.istio.io]
#   controllers: [istio]
#   triggers: ["spec.ports[*].protocol"]
#   since: v0.1.0
package policies.istio["plain-http-on-tls-port"]

import data.lib.mesh
import data.lib.text

findings contains {
	"path": ["spec", "ports", i, "protocol"],
	"message": sprintf("%s is sent to port 443, and no DestinationRule in sight begins TLS", [port.protocol]),
	"effect": sprintf("requests to %s are sent unencrypted", [text.list(hosts)]),
	"remedy": "add a DestinationRule with tls mode SIMPLE for the host, or set the protocol to HTTPS if clients speak TLS themselves",
} if {
	some i, port in input.object.spec.ports
	upper(port.protocol) in {"HTTP", "HTTP2", "GRPC"}
	object.get(port, "targetPort", port.number) == 443
	object.get(input.object.spec, "location", "MESH_EXTERNAL") == "MESH_EXTERNAL"
	not input.peers["backend-policy"]
	not _encrypted
	hosts := [host | some host in input.object.spec.hosts]
	count(hosts) > 0
}

_encrypted if {
	some peer in input.peers["destination-rule"]
	some entry in mesh.policies(peer.object)
	entry.policy.tls
}
