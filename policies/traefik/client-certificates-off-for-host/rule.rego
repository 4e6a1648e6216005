# METADATA
# title: Ingresses of one host switch client certificates off in Traefik
# description: |
#   Traefik has one set of TLS options for a host. Where the Ingresses of a host do not agree on them, **it takes the default
#   options, and asks no client of the whole host for a certificate**; a line in the log is all it says. One Ingress without
#   `auth-tls-secret` beside one with it is enough. ingress-nginx does the opposite: there one Ingress asks for the whole host.
#
#   In v3.7.9 even two Ingresses that say the same disagree, as the name of the options holds the name of the Ingress. That is a
#   warning: it is mended in later releases. An Ingress without `spec.tls` and without `auth-tls-secret` is not judged itself; the one
#   whose clients are no longer asked is.
# related_resources:
#   - description: Traefik, annotations of ingress-nginx
#     ref: https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress-nginx/
#   - description: Ingresses that agree were taken for a conflict
#     ref: https://github.com/traefik/traefik/pull/13638
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [traefik-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - spec.tls
#   since: v0.1.0
package policies.traefik["client-certificates-off-for-host"]

import data.lib.nginx
import data.lib.text

# This one asks, another does not, or otherwise.
findings contains {
	"path": ["metadata", "annotations", _secret],
	"message": sprintf("%s and this Ingress differ in auth-tls-*", [text.list(labels)]),
	"effect": sprintf("Traefik asks no client of %s for a certificate", [text.list(hosts)]),
	"remedy": "use the same auth-tls-* on every Ingress of the host, or give the others a host of their own",
	"related": [_related(peer) | some peer in peers],
} if {
	nginx.asks_clients(input.object.metadata.annotations)
	peers := [peer | some peer in _others; _policy(_annotations(peer.object)) != _policy(input.object.metadata.annotations)]
	labels := sort({peer.label | some peer in peers})
	count(labels) > 0
	hosts := sort({peer.key | some peer in peers})
}

# Another asks, this one does not.
findings contains {
	"path": peer.path,
	"message": sprintf("%s asks clients of this host for a certificate, and this Ingress does not", [peer.label]),
	"effect": sprintf("Traefik asks no client of %s for a certificate", [peer.key]),
	"remedy": "set the same auth-tls-* here, or use another host",
	"related": [_related(peer)],
} if {
	not nginx.asks_clients(_annotations(input.object))
	_routed(input.object)
	some peer in _others
	nginx.asks_clients(peer.object.metadata.annotations)
}

# They agree, and this release does not see it.
findings contains {
	"path": ["metadata", "annotations", _secret],
	"message": sprintf("%s sets the same, and Traefik up to v3.7.9 takes the two for a conflict", [peer.label]),
	"effect": sprintf("Traefik asks no client of %s for a certificate", [peer.key]),
	"remedy": "put the rules of the host into one Ingress, or use a later release and turn this rule off",
	"severity": "warning",
	"related": [_related(peer)],
} if {
	nginx.asks_clients(input.object.metadata.annotations)
	every other in _others {
		_policy(_annotations(other.object)) == _policy(input.object.metadata.annotations)
	}
	some peer in _others
}

_secret := "nginx.ingress.kubernetes.io/auth-tls-secret"

# A rule without a host has no TLS options of its own.
_others := [peer |
	some peer in input.peers.host
	peer.key != ""
	_routed(peer.object)
]

# Canaries have no router of their own, passthrough no TLS options; a solver is there for a moment.
_routed(ingress) if {
	not nginx.canary(_annotations(ingress))
	not _passes_through(_annotations(ingress))
	not ingress.metadata.labels["acme.cert-manager.io/http01-solver"]
}

_passes_through(annotations) if lower(annotations["nginx.ingress.kubernetes.io/ssl-passthrough"]) == "true"

# What is not there would leave the whole condition undefined.
_annotations(ingress) := object.get(ingress.metadata, "annotations", {})

_policy(annotations) := [
	object.get(annotations, _secret, ""),
	object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-verify-client", "on"),
]

_related(peer) := object.union(
	object.filter(peer, ["group", "kind", "namespace", "name"]),
	{"path": peer.their_path, "message": "has the host too"},
)
