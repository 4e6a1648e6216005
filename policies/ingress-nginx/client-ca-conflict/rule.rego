# METADATA
# title: Two client certificate policies for one host
# description: |
#   A host has one client certificate policy in ingress-nginx: that of the **oldest Ingress** whose CA can be read. The CA,
#   the verify mode, the depth and the match on the common name of every other Ingress of the host are dropped without an
#   Event, across namespaces too. Deleting and creating an Ingress anew changes which one wins.
#
#   Files do not tell which is older, so both are reported; in a cluster only the one that loses is.
# related_resources:
#   - description: A second auth-tls-secret broke production
#     ref: https://github.com/kubernetes/ingress-nginx/issues/3138
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   since: v0.1.0
package policies["ingress-nginx"]["client-ca-conflict"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": input.refs["client-ca"][0].path,
	"message": sprintf("%s differs in %s", [label, text.list(differences)]),
	"effect": sprintf("only the older of two client certificate policies for %s is in force", [text.list(hosts)]),
	"remedy": "use the same auth-tls-* on every Ingress of the host, or separate hosts",
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"], "message": "the other policy"},
	)],
} if {
	count(input.refs["client-ca"]) > 0
	some peer in input.peers.host
	peer.age != "newer"
	peer.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"] != ""
	mine := nginx.client_policy(input.object.metadata.annotations)
	theirs := nginx.client_policy(peer.object.metadata.annotations)
	differences := sort({setting | some setting, value in mine; value != theirs[setting]})
	count(differences) > 0
	label := peer.label
	hosts := sort({other.key | some other in input.peers.host; other.label == label})
}
