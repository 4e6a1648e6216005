# METADATA
# title: Certificate of a listener is not for a host that it serves
# description: |
#   Routes bring hosts to a listener: all that its host name allows, at any depth below a wildcard. A certificate for `*.shop.test`
#   is for one label only. **Clients of a host that none of the certificates is for refuse the connection.** Nothing in any status
#   says so.
#
#   Where a Certificate of cert-manager makes the Secret, what it asks for counts, also for the host name of the listener itself; of
#   a Secret in sight `certificates/san-mismatch` says that. Routes count as far as they are in sight, and hosts that a more specific
#   listener of the port serves do not.
# related_resources:
#   - description: Gateway API, Listener, hostname
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
#   - description: Envoy Gateway allows it, gateway-with-listener-with-tls-configuration-sni-san-mismatch-allowed
#     ref: https://github.com/envoyproxy/gateway/tree/main/internal/gatewayapi/testdata
# custom:
#   severity: warning
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers:
#     - spec.listeners[*].tls.certificateRefs
#   since: v0.1.0
package policies["gateway-api"]["certificate-not-for-host"]

import data.lib.gateway
import data.lib.text
import data.lib.x509

# A host name of the listener, and the Certificate that is to make the Secret.
findings contains {
	"path": ref.path,
	"message": sprintf("%s, which makes %s, asks for %s", [ref.producer.label, ref.label, text.list(_asked_for(ref))]),
	"effect": sprintf("clients of %s that compare names refuse the connection", [listener.hostname]),
	"remedy": sprintf("add %s to dnsNames of %s", [listener.hostname, ref.producer.label]),
	"related": [_related(ref)],
} if {
	some ref in input.refs["listener-certificate"]
	ref.producer.kind == "Certificate"
	listener := input.object.spec.listeners[ref.path[2]]
	gateway.terminates(listener)
	not startswith(listener.hostname, "*.")
	_nobody_covers(ref.path[2], listener.hostname)
	_judged_here(ref)
}

# Hosts of routes.
findings contains {
	"path": ["spec", "listeners", index, "tls", "certificateRefs"],
	"message": sprintf("no certificate of listener %s is for %s, which %s brings", [listener.name, text.list(hosts), peer.label]),
	"effect": sprintf("clients of %s that compare names refuse the connection", [text.list(hosts)]),
	"remedy": "refer to a certificate that has these names",
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": ["spec", "hostnames"], "message": "brings the host"},
	)],
} if {
	some peer in input.peers.route
	peer.object.spec.hostnames
	some index, listener in input.object.spec.listeners
	listener.protocol == "HTTPS"
	listener.tls.certificateRefs
	_wide(listener)
	gateway.admits(object.get(listener, ["allowedRoutes", "namespaces"], {}), "Same", input.id.namespace, peer.namespace) == true
	count(gateway.named(object.get(peer.object, peer.their_path, {}), [listener])) > 0
	hosts := sort({host |
		some host in peer.object.spec.hostnames
		gateway.meets(object.get(listener, "hostname", ""), host)
		not _elsewhere(listener, host)
		_nobody_covers(index, host)
	})
	count(hosts) > 0
}

# Of others, the host name is judged.
_wide(listener) if object.get(listener, "hostname", "") == ""

_wide(listener) if startswith(listener.hostname, "*.")

# All certificates of a listener are known, and none is for a host.
_nobody_covers(index, host) if {
	refs := [ref | some ref in input.refs["listener-certificate"]; ref.path[2] == index]
	count(refs) == count(input.object.spec.listeners[index].tls.certificateRefs)
	every ref in refs {
		count(_names(ref)) > 0
		not x509.covers({"dns_names": _names(ref)}, host)
	}
}

_names(ref) := _asked_for(ref) if ref.producer.kind == "Certificate"

_names(ref) := input.certificates[ref.content.certificates[0]].dns_names if not ref.producer

_asked_for(ref) := array.concat(object.get(ref.producer.object.spec, "dnsNames", []), [name | name := ref.producer.object.spec.commonName])

# certificates/san-mismatch judges a certificate in sight.
_judged_here(ref) if not ref.content.certificates[0]

_elsewhere(listener, host) if {
	some other in array.concat(input.object.spec.listeners, _neighbours)
	other.port == listener.port
	other.protocol in {"HTTPS", "TLS"}
	count(object.get(other, "hostname", "")) > count(object.get(listener, "hostname", ""))
	gateway.meets(other.hostname, host)
}

_neighbours := [other |
	some relation in ["parent", "listener-set"]
	some peer in input.peers[relation]
	some other in peer.object.spec.listeners
]

_related(ref) := object.union(
	object.filter(ref.producer, ["group", "kind", "namespace", "name"]),
	{"path": ["spec", "dnsNames"], "message": "asks for the names"},
)
