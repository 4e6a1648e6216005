# METADATA
# title: Two Secrets for the server certificate of one host
# description: |
#   A host has one certificate in ingress-nginx: that of **the oldest Ingress with a `spec.tls`**. If another Ingress of the host names another
#   Secret, that one is ignored without an Event: a certificate renewed there is never shown, and deleting and creating an
#   Ingress anew changes which one is.
#
#   Ingresses of several namespaces each need a Secret of their own, so that only those of one namespace are compared. Files do
#   not tell which is older, so that both are reported; in a cluster only the one that loses is.
# related_resources:
#   - description: ingress-nginx, createServers and extractTLSSecretName
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/internal/ingress/controller/controller.go
#   - description: Ingresses of other namespaces share the certificate of a host
#     ref: https://github.com/kubernetes/ingress-nginx/issues/2730
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers: [spec.tls]
#   since: v0.1.0
package policies["ingress-nginx"]["server-certificate-conflict"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ["spec", "rules", index, "host"],
	"message": sprintf("this Ingress names Secret %s for %s, and %s", [secret, rule.host, text.list(others)]),
	"effect": sprintf("clients of %s are shown the certificate of the oldest Ingress only", [rule.host]),
	"remedy": "name the same Secret in spec.tls of every Ingress of the host",
	"related": [_related(peer) | some peer in rivals],
} if {
	_rivalled
	_main(input.object)
	shared := {peer.key | some peer in input.peers.host}
	some index, rule in input.object.spec.rules
	rule.host in shared
	secret := nginx.tls_secret(input.object, rule.host)
	secret != ""
	rivals := [peer |
		some peer in input.peers.host
		peer.key == rule.host
		peer.namespace == input.id.namespace
		peer.age != "newer"
		_main(peer.object)
		not nginx.tls_secret(peer.object, rule.host) in {"", secret}
	]
	others := sort({sprintf("%s names %s", [peer.label, nginx.tls_secret(peer.object, rule.host)]) | some peer in rivals})
	count(others) > 0
}

# Another Ingress of the namespace lists a host with another Secret than this one does.
_rivalled if {
	some peer in input.peers.host
	peer.namespace == input.id.namespace
	peer.age != "newer"
	some theirs in peer.object.spec.tls
	theirs.secretName != ""
	_lists(theirs, peer.key)
	some mine in input.object.spec.tls
	mine.secretName != ""
	mine.secretName != theirs.secretName
	_lists(mine, peer.key)
}

_lists(entry, host) if {
	some listed in entry.hosts
	lower(listed) == lower(host)
}

# A canary's spec.tls is ignored.
_main(ingress) if not nginx.canary(object.get(ingress.metadata, "annotations", {}))

_related(peer) := object.union(
	object.filter(peer, ["group", "kind", "namespace", "name"]),
	{"path": peer.their_path, "message": "names another Secret"},
)
