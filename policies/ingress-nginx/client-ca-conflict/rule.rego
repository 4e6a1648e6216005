# METADATA
# title: Two client certificate policies for one host
# description: |
#   A host has one client certificate policy in ingress-nginx: that of the **oldest Ingress** whose CA can be read. The CA,
#   the verify mode, the depth and the match on the common name of every other Ingress of the host are dropped without an
#   Event, across namespaces too. Deleting and creating an Ingress anew changes which one wins.
#
#   Across namespaces that is a matter of two teams: the policy of one decides who gets into the paths of the other, and a
#   Secret that goes missing in either namespace answers **403 to the clients of both**. Secrets of one name in two namespaces
#   are two CAs, as far as can be told: the way out is a host for each.
#
#   Files do not tell which is older, so both are reported; in a cluster only the one that loses is. A canary with the CA of
#   its Ingress is not reported, whatever else it leaves out.
# related_resources:
#   - description: A second auth-tls-secret broke production
#     ref: https://github.com/kubernetes/ingress-nginx/issues/3138
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["client-ca-conflict"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": input.refs["client-ca"][0].path,
	"message": sprintf("%s %s in %s", [text.list(labels), _differ(labels), text.list(differences)]),
	"effect": sprintf("only the oldest of the client certificate policies for %s is in force%s", [text.list(hosts), _across]),
	"remedy": "use the same auth-tls-* on every Ingress of the host, or separate hosts",
	"related": [_related(label) | some label in array.slice(labels, 0, 8)],
} if {
	count(input.refs["client-ca"]) > 0
	labels := sort({peer.label | some peer in _rivals})
	count(labels) > 0
	hosts := sort({text.host(peer.key) | some peer in _rivals})
	differences := sort({setting | some peer in _rivals; some setting in _differences(peer)})
}

# One finding for all of them: a host may have fifty Ingresses, and the one that differs from them is one mistake.
_rivals := [peer |
	some peer in input.peers.host
	peer.age != "newer"
	nginx.names_client_ca(peer.object.metadata.annotations)
	count(_differences(peer)) > 0
	not _canary_of_one_ca(peer)
]

# A canary leaves out what the Ingress says that it belongs to.
_canary_of_one_ca(peer) if {
	some annotations in [input.object.metadata.annotations, peer.object.metadata.annotations]
	nginx.canary(annotations)
	not "auth-tls-secret" in _differences(peer)
}

default _across := ""

_across := ", for all namespaces" if {
	some peer in _rivals
	_elsewhere(peer)
}

_elsewhere(peer) if {
	peer.namespace != ""
	input.id.namespace != ""
	peer.namespace != input.id.namespace
}

_mine := nginx.client_policy(input.object.metadata.annotations)

_differences(peer) := {setting |
	some setting, value in _mine
	value != theirs[setting]
} if {
	theirs := nginx.client_policy(peer.object.metadata.annotations)
}

_differ(labels) := "differs" if count(labels) == 1

_differ(labels) := "differ" if count(labels) > 1

_related(label) := object.union(
	object.filter(rivals[0], ["group", "kind", "namespace", "name"]),
	{"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"], "message": "the other policy"},
) if {
	rivals := [peer | some peer in _rivals; peer.label == label]
}
