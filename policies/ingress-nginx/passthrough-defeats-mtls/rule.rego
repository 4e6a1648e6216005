# METADATA
# title: TLS passthrough switches client certificates off
# description: |
#   `ssl-passthrough` on any Ingress of a host hands its connections on port 443 to the backend as they are: nginx ends no
#   TLS there, so that **`auth-tls-*` on the host does nothing**. One Ingress is enough, in whatever namespace. On a wildcard
#   host the passthrough itself does nothing, and neither does that of a canary, or where no Ingress has the path `/` on
#   the host: its Service is what the connections go to.
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
	_passes_through(input.object.metadata.annotations)
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
	_passes_through(input.object.metadata.annotations)
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
	not _passes_through(input.object.metadata.annotations)
	some peer in input.peers.host
	_passable(peer.key)
	_passes_through(peer.object.metadata.annotations)
}

_passthrough := "nginx.ingress.kubernetes.io/ssl-passthrough"

_secret := "nginx.ingress.kubernetes.io/auth-tls-secret"

# A canary's passthrough is ignored.
_passes_through(annotations) if {
	annotations[_passthrough] in nginx.truth
	not nginx.canary(annotations)
}

_asking if {
	some ref in input.refs["client-ca"]
	ref.in_force
}

# Passthrough works by the name a client asks for, and knows no wildcards (pkg/tcpproxy/tcp.go): there it does nothing. What
# it leads to is the location "/" of the host, whichever Ingress makes it (internal/ingress/controller/controller.go).
_passable(host) if {
	host != ""
	not startswith(host, "*")
	some ingress in array.concat([input.object], [peer.object | some peer in input.peers.host; peer.key == host])
	some rule in ingress.spec.rules
	rule.host == host
	some path in rule.http.paths
	object.get(path, "path", "/") in {"", "/"}
}

_shared(peer) := sort({other.key | some other in input.peers.host; other.label == peer.label; _passable(other.key)})

_open(hosts) := sprintf("nginx asks no client of %s for a certificate on port 443", [text.list(hosts)])

_related(peer, annotation, message) := object.union(
	object.filter(peer, ["group", "kind", "namespace", "name"]),
	{"path": ["metadata", "annotations", annotation], "message": message},
)
