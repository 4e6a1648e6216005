# METADATA
# title: TLS settings of a canary are ignored
# description: |
#   Of an Ingress with `canary: "true"` ingress-nginx takes the backend, and puts it beside that of the main Ingress of the host
#   and path. How requests get there is the main Ingress's: **`backend-protocol`, `ssl-passthrough`, `ssl-ciphers` and
#   `spec.tls` of the canary are ignored**. (Its `auth-tls-*` is not: that is merged into the host.)
#
#   What the canary only repeats is left alone, and so is a canary whose main Ingress is not in sight.
# related_resources:
#   - description: ingress-nginx, canary
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary
#   - description: ingress-nginx, createServers leaves canaries out
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/internal/ingress/controller/controller.go
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/canary"]'
#   since: v0.1.0
package policies["ingress-nginx"]["canary-tls-ignored"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ["metadata", "annotations", annotation],
	"message": sprintf("this is a canary, and ingress-nginx takes %s from %s, which has %s", [name, text.list(sort({main.label | some main in mains})), other]),
	"effect": sprintf(_effects[name], [text.hosts(input.object)]),
	"remedy": sprintf("set %s on the main Ingress, or give the canary a host of its own", [name]),
	"related": [_related(main, "decides") | some main in mains],
} if {
	nginx.canary(input.object.metadata.annotations)
	some name in ["backend-protocol", "ssl-passthrough", "ssl-ciphers"]
	annotation := sprintf("nginx.ingress.kubernetes.io/%s", [name])
	value := _value(name, input.object.metadata.annotations[annotation])
	value != _value(name, "")
	mains := [main | some main in _mains; _value(name, object.get(_annotations(main), annotation, "")) != value]
	count(mains) > 0
	count(mains) == count(_mains)
	other := _said(object.get(_annotations(mains[0]), annotation, ""))
}

findings contains {
	"path": ["spec", "tls", index, "secretName"],
	"message": sprintf("this is a canary, and ingress-nginx takes no spec.tls from it; no other Ingress of %s names Secret %s", [host, entry.secretName]),
	"effect": sprintf("%s is served with another certificate", [host]),
	"remedy": "name the Secret in spec.tls of the main Ingress",
	"related": [_related(main, "decides") | some main in _mains],
} if {
	nginx.canary(input.object.metadata.annotations)
	some index, entry in input.object.spec.tls
	entry.secretName != ""
	some host in entry.hosts
	count([main | some main in _mains; main.key == host]) > 0
	not _repeats(entry.secretName, host)
}

_mains := [peer |
	some peer in input.peers.host
	not nginx.canary(_annotations(peer))
]

# What is not there would leave the whole condition undefined.
_annotations(peer) := object.get(peer.object.metadata, "annotations", {})

_repeats(secret, host) if {
	some main in _mains
	main.key == host
	some entry in main.object.spec.tls
	entry.secretName == secret
}

# Two values that mean the same are equal.
_value("backend-protocol", value) := upper(value) if value != ""

_value("backend-protocol", "") := "HTTP"

_value("ssl-passthrough", value) := value in nginx.truth

_value("ssl-ciphers", value) := trim_space(value)

_said("") := "none"

_said(value) := sprintf("%q", [value]) if value != ""

_effects := {
	"backend-protocol": "requests to %s go on to the canary by the protocol of the main Ingress",
	"ssl-passthrough": "nginx ends TLS for the canary of %s",
	"ssl-ciphers": "%s keeps the ciphers it has",
}

_related(main, message) := object.union(
	object.filter(main, ["group", "kind", "namespace", "name"]),
	{"path": main.their_path, "message": message},
)
