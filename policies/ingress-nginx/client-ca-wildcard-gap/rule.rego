# METADATA
# title: Client CA of a wildcard host leaves out hosts under it
# description: |
#   For nginx `api.shop.test` is a server of its own, and **takes nothing from `*.shop.test`**. Where the wildcard host asks for
#   client certificates and an Ingress of the exact host does not, that host is open, though it looks covered.
#
#   Write the same `auth-tls-*` on the exact host. If the host is meant to be open, exempt the rule for the Ingress of the
#   wildcard host, or set `auth-tls-secret` with `auth-tls-verify-client: "off"` on the exact host, which says so.
# related_resources:
#   - description: nginx, how a server is chosen by its name
#     ref: https://nginx.org/en/docs/http/server_names.html
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["client-ca-wildcard-gap"]

import data.lib.nginx
import data.lib.text

# One finding for all of them: a wildcard may have fifty hosts under it.
findings contains {
	"path": ref.path,
	"message": sprintf("%s without auth-tls-*, and an exact host takes nothing from its wildcard", [_serve(labels)]),
	"effect": sprintf("requests to %s reach the backend without a client certificate", [text.list(hosts)]),
	"remedy": "write the same auth-tls-* on the Ingress of the exact host",
	"related": [_related(label) | some label in array.slice(labels, 0, 8)],
} if {
	some ref in input.refs["client-ca"]
	ref.in_force
	ref.presence != "absent"
	hosts := sort({gap.host | some gap in _gaps})
	count(hosts) > 0
	labels := sort({gap.peer.label | some gap in _gaps})
}

_gaps := [{"host": rule.host, "peer": peer} |
	some peer in input.peers.covered
	annotations := object.get(peer.object, ["metadata", "annotations"], {})
	not nginx.canary(annotations)

	# What hands TLS on has its clients verified elsewhere, if at all.
	not nginx.passes_through(annotations)
	some rule in peer.object.spec.rules
	nginx.parent(rule.host) == peer.key
	rule.http
	not rule.host in _closed
]

# Hosts for which some Ingress names a CA.
_closed := {rule.host | some rule in input.object.spec.rules} | {rule.host |
	some peer in input.peers.covered
	nginx.names_client_ca(peer.object.metadata.annotations)
	some rule in peer.object.spec.rules
}

_serve(labels) := sprintf("%s serves a host under it", [labels[0]]) if count(labels) == 1

_serve(labels) := sprintf("%s serve hosts under it", [text.list(labels)]) if count(labels) > 1

_related(label) := object.union(
	object.filter(peers[0], ["group", "kind", "namespace", "name"]),
	{"path": peers[0].their_path, "message": "has no auth-tls-*"},
) if {
	peers := [gap.peer | some gap in _gaps; gap.peer.label == label]
}
