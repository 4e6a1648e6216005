# METADATA
# title: Two Secrets for the server certificate of one host
# description: |
#   A host has one certificate in Kong: that of **the oldest Ingress** whose `spec.tls` lists it. If another Ingress names
#   another Secret for it, that one is passed over without an event: a certificate renewed there is never shown, and deleting
#   and creating an Ingress anew changes which one counts. That holds across namespaces.
#
#   Ingresses of several namespaces each need a Secret of their own, so that only those of one namespace are compared. Files do not
#   tell which is older, so that both are reported; in a cluster only the one that loses is.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go, addUniqueHosts
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
#   - description: Kong's controller, one name in several certificates
#     ref: https://github.com/Kong/kubernetes-ingress-controller/issues/510
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [kong]
#   triggers: ['spec.tls[*].secretName']
#   since: v0.1.0
package policies.kong["server-certificate-conflict"]

findings contains {
	"path": ["spec", "tls", index, "secretName"],
	"message": sprintf("this Ingress names Secret %s for %s, and %s names %s", [entry.secretName, host, peer.label, theirs.secretName]),
	"effect": sprintf("clients of %s are shown the certificate of the older Ingress only", [host]),
	"remedy": "name the same Secret in spec.tls of every Ingress of the host",
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": peer.their_path, "message": "names another Secret"},
	)],
} if {
	input.controllers.kong
	some peer in input.peers.host
	peer.namespace == input.id.namespace
	peer.age != "newer"
	some theirs in peer.object.spec.tls
	theirs.secretName != ""
	some index, entry in input.object.spec.tls
	entry.secretName != ""
	entry.secretName != theirs.secretName
	some host in entry.hosts
	host in theirs.hosts
}
