# METADATA
# title: TLS passthrough switches client certificates off
# description: |
#   `ssl-passthrough` on any Ingress of a host hands its connections on port 443 to the backend as they are: nginx ends no
#   TLS there, so that **`auth-tls-*` on the host does nothing**. One Ingress is enough, in whatever namespace. On a wildcard
#   host the passthrough itself does nothing, and neither does that of a canary. Where no Ingress has the path `/` on the
#   host, connections lead nowhere; `passthrough-ineffective` speaks of these.
#
#   It holds where the controller runs with `--enable-ssl-passthrough`; without the flag the passthrough does nothing
#   instead. Turn the rule off if the backend verifies client certificates itself, and remove `auth-tls-*`.
# related_resources:
#   - description: ingress-nginx, SSL passthrough
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/tls/#ssl-passthrough
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-passthrough"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["passthrough-defeats-mtls"]

import data.lib.nginx
import data.lib.text

# Both on one Ingress.
findings contains {
	"path": ["metadata", "annotations", _passthrough],
	"message": "ssl-passthrough hands TLS to the backend, past the client certificate check that this Ingress asks for",
	"effect": _open(hosts),
	"remedy": "remove ssl-passthrough, or auth-tls-* if the backend checks client certificates itself",
} if {
	nginx.passes_through(input.object.metadata.annotations)
	_asking
	hosts := sort({rule.host | some rule in input.object.spec.rules; _passable(rule.host)})
	count(hosts) > 0
}

# This one passes through what another one protects.
findings contains {
	"path": ["metadata", "annotations", _passthrough],
	"message": sprintf("ssl-passthrough hands TLS to the backend, past the client certificate check that %s asks for", [peer.label]),
	"effect": _open(_shared(peer)),
	"remedy": "remove ssl-passthrough, or give it a host of its own",
	"related": [_related(peer, _secret, "asks for client certificates")],
} if {
	nginx.passes_through(input.object.metadata.annotations)
	some peer in input.peers.host
	_passable(peer.key)
	nginx.asks_clients(peer.object.metadata.annotations)
}

# This one protects what another one passes through.
findings contains {
	"path": input.refs["client-ca"][0].path,
	"message": sprintf("%s hands TLS of that host to its backend (ssl-passthrough)", [peer.label]),
	"effect": _open(_shared(peer)),
	"remedy": sprintf("have ssl-passthrough removed from %s, or use another host", [peer.label]),
	"related": [_related(peer, _passthrough, "passes TLS through")],
} if {
	_asking
	not nginx.passes_through(input.object.metadata.annotations)
	some peer in input.peers.host
	_passable(peer.key)
	nginx.passes_through(peer.object.metadata.annotations)
}

_passthrough := "nginx.ingress.kubernetes.io/ssl-passthrough"

_secret := "nginx.ingress.kubernetes.io/auth-tls-secret"

_asking if {
	some ref in input.refs["client-ca"]
	ref.in_force
}

_passable(host) if {
	nginx.passable(host, array.concat([input.object], [peer.object | some peer in input.peers.host; peer.key == host]))
	not nginx.passthrough_off
}

_shared(peer) := sort({other.key | some other in input.peers.host; other.label == peer.label; _passable(other.key)})

_open(hosts) := sprintf("nginx asks no client of %s for a certificate on port 443", [text.list(hosts)])

_related(peer, annotation, message) := object.union(
	object.filter(peer, ["group", "kind", "namespace", "name"]),
	{"path": ["metadata", "annotations", annotation], "message": message},
)
