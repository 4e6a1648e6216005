# METADATA
# title: Client CA holds for other Ingresses of the host too
# description: |
#   A host has one client certificate policy in ingress-nginx: what one Ingress asks for is asked of **every client of the
#   host**, on the paths of Ingresses without `auth-tls-*` too, in whatever namespace. Whoever left it out to keep some
#   paths open finds them closed: a request without a certificate gets 400. If this Ingress is deleted, or its Secret loses
#   the CA, the others are open at once.
#
#   Where the other Ingress is in another namespace and was there before, somebody else's clients are shut out: an error.
#   Otherwise it is a warning. Not reported are canaries, ACME solvers (they answer on port 80) and the sign-in paths
#   of oauth2-proxy, which belong to the protected application.
# related_resources:
#   - description: Client certificates for some paths only
#     ref: https://github.com/kubernetes/ingress-nginx/issues/3200
#   - description: mTLS reaches the other Ingresses of the host
#     ref: https://github.com/kubernetes/ingress-nginx/issues/7133
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["client-ca-on-part-of-host"]

import data.lib.nginx
import data.lib.text

# One finding for all of them: the policy is one field.
findings contains {
	"path": ref.path,
	"message": sprintf("%s no auth-tls-*, and ingress-nginx asks the clients of the whole host", [_have(labels)]),
	"effect": sprintf("requests to the paths of %s on %s without a client certificate get 400", [text.list(labels), text.list(hosts)]),
	"remedy": "write the same auth-tls-* on every Ingress of the host, or separate hosts",
	"severity": _severity,
	"related": [_related(label) | some label in array.slice(labels, 0, 8)],
} if {
	some ref in input.refs["client-ca"]
	_shuts_out(ref)
	labels := sort({peer.label | some peer in _affected})
	count(labels) > 0
	hosts := sort({peer.key | some peer in _affected})
}

# Only a mode that asks for certificates without exception shuts anybody out.
_shuts_out(ref) if {
	ref.in_force
	ref.presence != "absent"
	ref.key_presence != "absent"
	not nginx.key_pair_only(ref)
	nginx.client_policy(input.object.metadata.annotations)["auth-tls-verify-client"] == "on"
}

_affected := [peer |
	some peer in input.peers.host
	_applied(peer.key)
	not _eased(peer.key)
	annotations := object.get(peer.object, ["metadata", "annotations"], {})
	not nginx.names_client_ca(annotations)

	# Who asks for certificates does not want the paths open. What is wrong there, client-options-without-ca says.
	not _asks(annotations)
	not nginx.canary(annotations)

	# What hands TLS on is the matter of passthrough-defeats-mtls.
	not nginx.passes_through(annotations)
	count({path | some path in _paths(peer); not _belongs(path)}) > 0
]

# The catch-all server is the matter of client-ca-on-catch-all.
_applied(host) if {
	host != ""
	some rule in input.object.spec.rules
	rule.host == host
	rule.http
}

# An older Ingress has the policy of the host, and shuts nobody out. Of that, client-ca-conflict speaks.
_eased(host) if {
	some peer in input.peers.host
	peer.key == host
	peer.age == "older"
	nginx.names_client_ca(peer.object.metadata.annotations)
	nginx.client_policy(peer.object.metadata.annotations)["auth-tls-verify-client"] != "on"
}

_asks(annotations) if count(nginx.asking_options(annotations)) > 0

_paths(peer) := {object.get(path, "path", "/") |
	some rule in peer.object.spec.rules
	rule.host == peer.key
	some path in rule.http.paths
}

# Sign-in of oauth2-proxy, and challenges of ACME.
_belongs(path) if regex.match(`^/(oauth2|\.well-known/acme-challenge)(/|$)`, path)

default _severity := "warning"

_severity := "error" if {
	some peer in _affected
	peer.age != "newer"
	peer.namespace != ""
	input.id.namespace != ""
	peer.namespace != input.id.namespace
}

_have(labels) := sprintf("%s has", [labels[0]]) if count(labels) == 1

_have(labels) := sprintf("%s have", [text.list(labels)]) if count(labels) > 1

_related(label) := object.union(
	object.filter(peers[0], ["group", "kind", "namespace", "name"]),
	{"path": ["metadata", "name"], "message": "has no auth-tls-*"},
) if {
	peers := [peer | some peer in _affected; peer.label == label]
}
