# METADATA
# title: TLS passthrough takes other settings out of force
# description: |
#   `ssl-passthrough` on any Ingress of a host hands its connections on port 443 to the backend as they are. nginx sees no
#   request in them: **nobody is asked to log in** (`auth-url`, `auth-type`), which is an error, and `ssl-ciphers` and
#   `proxy-ssl-*` do nothing, which is a warning. One Ingress is enough, in whatever namespace. Nothing is said of `spec.tls`,
#   though its certificate is not shown: it is often there to be issued for the backend, and for the redirect from port 80.
#
#   Client certificates are another rule's, `passthrough-defeats-mtls`. It holds where the controller runs with
#   `--enable-ssl-passthrough`. Turn the rule off if the backend does all that itself, and remove the settings.
# related_resources:
#   - description: ingress-nginx, SSL passthrough
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/tls/#ssl-passthrough
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-passthrough"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-url"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-type"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-ciphers"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["passthrough-defeats-tls-settings"]

import data.lib.nginx
import data.lib.text
import data.lib.upstream

# What this one asks for, whoever passes the host through.
findings contains object.union(
	{
		"path": upstream.path(setting),
		"message": sprintf("%s hands TLS of that host to the backend, and %s does nothing there", [_whose, setting]),
		"remedy": _remedy,
		"related": [_related(label) | some label in array.slice(_passing, 0, 8)],
	},
	loss,
) if {
	count(_passed) > 0
	some setting, loss in _losses
	_set(input.object.metadata.annotations, setting)
	not nginx.canary(input.object.metadata.annotations)
}

# What another one asks for, where this one passes the host through.
findings contains {
	"path": upstream.path("ssl-passthrough"),
	"message": sprintf("ssl-passthrough hands TLS to the backend, past the login that %s asks for", [text.list(labels)]),
	"effect": sprintf("nobody is asked to log in to %s on port 443", [text.list(hosts)]),
	"remedy": "remove ssl-passthrough, or give it a host of its own",
} if {
	nginx.passes_through(input.object.metadata.annotations)
	labels := sort({peer.label | some peer in _asking})
	hosts := sort({peer.key | some peer in _asking})
	count(hosts) > 0
}

_asking := [peer |
	some peer in input.peers.host
	_passable(peer.key)
	not nginx.canary(object.get(peer.object, ["metadata", "annotations"], {}))
	some setting in ["auth-url", "auth-type"]
	_set(peer.object.metadata.annotations, setting)
]

_losses := {
	"auth-url": {"effect": sprintf("nobody is asked to log in to %s on port 443", [text.list(sort(_passed))])},
	"auth-type": {"effect": sprintf("nobody is asked to log in to %s on port 443", [text.list(sort(_passed))])},
	"ssl-ciphers": {
		"effect": sprintf("clients of %s agree on ciphers with the backend", [text.list(sort(_passed))]),
		"severity": "warning",
	},
	"proxy-ssl-secret": {
		"effect": sprintf("nginx neither verifies the backends of %s on port 443 nor shows them a certificate", [text.list(sort(_passed))]),
		"severity": "warning",
	},
}

_set(annotations, setting) if {
	value := annotations[concat("", ["nginx.ingress.kubernetes.io/", setting])]
	trim_space(value) != ""
	_complete(annotations, setting)
}

# A password is asked for only with a list of them.
_complete(_, setting) if setting != "auth-type"

_complete(annotations, "auth-type") if annotations["nginx.ingress.kubernetes.io/auth-secret"] != ""

_whose := "ssl-passthrough" if nginx.passes_through(input.object.metadata.annotations)

_whose := sprintf("ssl-passthrough of %s", [text.list(_passing)]) if {
	not nginx.passes_through(input.object.metadata.annotations)
}

_remedy := "remove ssl-passthrough, or what it takes out of force" if nginx.passes_through(input.object.metadata.annotations)

_remedy := "have ssl-passthrough removed there, or use another host" if {
	not nginx.passes_through(input.object.metadata.annotations)
}

# The hosts of this Ingress that are passed through.
_passed contains rule.host if {
	nginx.passes_through(input.object.metadata.annotations)
	some rule in input.object.spec.rules
	_passable(rule.host)
}

_passed contains peer.key if {
	some peer in input.peers.host
	nginx.passes_through(peer.object.metadata.annotations)
	_passable(peer.key)
}

_passing := sort({peer.label |
	some peer in input.peers.host
	nginx.passes_through(peer.object.metadata.annotations)
	_passable(peer.key)
})

_passable(host) if {
	nginx.passable(host, array.concat([input.object], [peer.object | some peer in input.peers.host; peer.key == host]))
	not nginx.passthrough_off
}

_related(label) := object.union(
	object.filter(found[0], ["group", "kind", "namespace", "name"]),
	{"path": upstream.path("ssl-passthrough"), "message": "passes TLS through"},
) if {
	found := [peer | some peer in input.peers.host; peer.label == label]
}
