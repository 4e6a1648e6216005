# METADATA
# title: spec.tls without a certificate for the host keeps another Ingress from giving it one
# description: |
#   A host has one certificate in ingress-nginx: that of **the oldest Ingress with a `spec.tls`**, whatever stands in it. If that one lists the
#   host without a Secret, or does not list it, the host keeps the controller's default certificate, and a newer Ingress that names a
#   Secret is ignored, across namespaces too.
#
#   Files do not tell which is older, so that the one without a certificate is warned of; in a cluster it is an error, on the
#   older one as on the newer one that loses.
# related_resources:
#   - description: ingress-nginx, createServers and extractTLSSecretName
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/internal/ingress/controller/controller.go
#   - description: Kubernetes Ingress Controller Fake Certificate
#     ref: https://github.com/kubernetes/ingress-nginx/issues/4680
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers: [spec.tls]
#   since: v0.1.0
package policies["ingress-nginx"]["default-certificate-pinned"]

import data.lib.nginx
import data.lib.x509

findings contains {
	"path": ["spec", "rules", index, "host"],
	"message": sprintf("spec.tls of this Ingress gives %s no certificate, while %s names Secret %s for it", [rule.host, peer.label, secret]),
	"effect": sprintf("clients of %s are shown the controller's default certificate%s", [rule.host, _if_older[peer.age]]),
	"remedy": "name the same Secret in spec.tls here, or remove spec.tls",
	"severity": {"newer": "error", "unknown": "warning"}[peer.age],
	"related": [_related(peer, "names a Secret for the host")],
} if {
	count(input.object.spec.tls) > 0
	_main(input.object)

	# Peers first: they are few, and an Ingress may have thousands of rules.
	some peer in input.peers.host
	peer.age != "older"
	peer.key != ""
	_main(peer.object)
	secret := nginx.tls_secret(peer.object, peer.key)
	secret != ""
	_leaves_out(peer.key)
	some index, rule in input.object.spec.rules
	rule.host == peer.key
}

findings contains {
	"path": ["spec", "rules", index, "host"],
	"message": sprintf("spec.tls of %s, which is older, gives %s no certificate", [peer.label, rule.host]),
	"effect": sprintf("clients of %s are shown the controller's default certificate", [rule.host]),
	"remedy": sprintf("have spec.tls of %s name a Secret for the host, or removed", [peer.label]),
	"related": [_related(peer, "gives the host no certificate")],
} if {
	_main(input.object)
	some peer in input.peers.host
	peer.age == "older"
	_main(peer.object)
	nginx.tls_leaves_out(peer.object, peer.key)
	nginx.tls_secret(input.object, peer.key) != ""
	some index, rule in input.object.spec.rules
	rule.host == peer.key
}

# The names that entries list are taken for those of their certificates where these are out of sight.
_leaves_out(host) if {
	nginx.tls_leaves_out(input.object, host)
	not _covered(host)
}

_leaves_out(host) if {
	not nginx.tls_secret(input.object, host)
	not _covered(host)
	count(input.refs["server-certificate"]) > 0
	every ref in input.refs["server-certificate"] {
		ref.content.certificates[0]
	}
}

# No entry lists the host, and a certificate is for it all the same.
_covered(host) if {
	not nginx.tls_secret(input.object, host)
	some ref in input.refs["server-certificate"]
	x509.covers(input.certificates[ref.content.certificates[0]], host)
}

# A canary's spec.tls is ignored.
_main(ingress) if not nginx.canary(object.get(ingress.metadata, "annotations", {}))

_if_older := {"newer": "", "unknown": " if this Ingress is the older one"}

_related(peer, message) := object.union(
	object.filter(peer, ["group", "kind", "namespace", "name"]),
	{"path": peer.their_path, "message": message},
)
