# METADATA
# title: Client CA of a wildcard host leaves out hosts under it
# description: |
#   For nginx `api.shop.test` is a server of its own, and **takes nothing from `*.shop.test`**. Where the wildcard host asks for
#   client certificates and an Ingress of the exact host does not, that host is open, though it looks covered.
#
#   Where the exact host leads to a Service of the wildcard host, clients **get round the check by another name**: a warning. A
#   host with a backend of its own, such as a website beside an API, is often open on purpose: a note.
#
#   Write the same `auth-tls-*` on the exact host. If the host is meant to be open, set `auth-tls-secret` with
#   `auth-tls-verify-client: "off"` on it, which says so, or exempt the rule for the Ingress of the wildcard host.
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

# One finding for all of a kind: a wildcard may have fifty hosts under it.
findings contains {
	"path": ref.path,
	"message": sprintf("%s%s, and an exact host takes nothing from its wildcard", [_serve(labels), kind.without]),
	"effect": sprintf("requests to %s reach the backend without a client certificate", [text.list(hosts)]),
	"remedy": kind.remedy,
	"severity": kind.severity,
	"related": [_related(label) | some label in array.slice(labels, 0, 8)],
} if {
	some ref in input.refs["client-ca"]
	ref.in_force
	ref.presence != "absent"
	count(_gaps) > 0
	some kind in _kinds
	hosts := sort({gap.host | some gap in _gaps; gap.guarded == kind.guarded})
	count(hosts) > 0
	labels := sort({gap.peer.label | some gap in _gaps; gap.guarded == kind.guarded})
}

# By whether the wildcard host leads to the same Service.
_kinds := [
	{
		"guarded": true,
		"without": " with the same Service and without auth-tls-*",
		"remedy": "write the same auth-tls-* on the Ingress of the exact host",
		"severity": "warning",
	},
	{
		"guarded": false,
		"without": " without auth-tls-*",
		"remedy": "write the same auth-tls-* on the Ingress of the exact host, with auth-tls-verify-client \"off\" if it is to be open",
		"severity": "info",
	},
]

_gaps := [{"host": rule.host, "peer": peer, "guarded": count(_services(rule) & guarded) > 0} |
	some peer in input.peers.covered
	annotations := object.get(peer.object, ["metadata", "annotations"], {})
	not nginx.canary(annotations)

	# What hands TLS on has its clients verified elsewhere, if at all.
	not nginx.passes_through(annotations)
	some rule in peer.object.spec.rules
	nginx.parent(rule.host) == peer.key
	_serves(rule)
	not rule.host in _closed
	guarded := {service |
		peer.namespace == input.id.namespace
		some own in input.object.spec.rules
		own.host == peer.key
		some service in _services(own)
	}
]

# An Ingress for a challenge of ACME serves nothing else.
_serves(rule) if {
	some path in rule.http.paths
	not startswith(object.get(path, "path", "/"), "/.well-known/acme-challenge/")
}

_services(rule) := {path.backend.service.name | some path in rule.http.paths}

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
