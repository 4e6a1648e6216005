# METADATA
# title: Backend TLS settings reach other Ingresses of the host
# description: |
#   ingress-nginx writes `proxy-ssl-*` of the first Ingress of a host that has a CA into the server block too, **for all paths
#   of the host**. Another Ingress whose backends are called by HTTPS, and which has no `proxy-ssl-secret` of its own, is
#   served with them, in whatever namespace it is: its backends must show a certificate of that CA for that name, or requests
#   get 502, and they are shown the client certificate of the Secret.
#
#   It is an error where the other Ingress is in another namespace, and a warning within one. `proxy-ssl-location-only:
#   "true"` in the controller's ConfigMap keeps the settings to the paths of their own Ingress; where that is out of sight,
#   say so in the config (`controllers.settings`).
# related_resources:
#   - description: One Ingress's proxy-ssl broke the others of the host
#     ref: https://github.com/kubernetes/ingress-nginx/issues/7329
#   - description: ingress-nginx, proxy-ssl-location-only
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#proxy-ssl-location-only
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/backend-protocol"]'
#   since: v0.1.0
package policies["ingress-nginx"]["upstream-settings-leak"]

import data.lib.nginx
import data.lib.text
import data.lib.upstream

# What this one sets holds for others.
findings contains {
	"path": ref.path,
	"message": sprintf("ingress-nginx sets proxy-ssl-* for the whole host, and %s %s none", [text.list(labels), _sets(labels)]),
	"effect": _effect(ref, sort({text.host(peer.key) | some peer in _heirs})),
	"remedy": "use a host of its own, or set proxy-ssl-location-only in the ConfigMap of ingress-nginx",
	"severity": _severity(_heirs),
	"related": [_related(label, _heirs, "takes these settings over") | some label in array.slice(labels, 0, 8)],
} if {
	some ref in input.refs["upstream-ca"]
	ref.presence != "absent"
	not nginx.lack(ref)
	labels := sort({peer.label | some peer in _heirs})
	count(labels) > 0
	_matters(ref)
}

# What another one sets holds for this one.
findings contains {
	"path": upstream.path("backend-protocol"),
	"message": sprintf("ingress-nginx sets proxy-ssl-* of %s for the whole host, and this Ingress sets none", [text.list(labels)]),
	"effect": sprintf(
		"requests to %s get 502 unless the backends of this Ingress suit the CA and the name of the other",
		[text.list(sort({text.host(peer.key) | some peer in _setting}))],
	),
	"remedy": "give it a proxy-ssl-secret of its own, or set proxy-ssl-location-only in the ConfigMap of ingress-nginx",
	"severity": _severity(_setting),
	"related": [_related(label, _setting, "sets proxy-ssl-* for the host") | some label in array.slice(labels, 0, 8)],
} if {
	_takes_over(input.object)
	labels := sort({peer.label | some peer in _setting})
	count(labels) > 0
}

_heirs := [peer |
	some peer in input.peers.host
	_takes_over(peer.object)
	not _older_settings(peer.key)
	not nginx.location_only
]

# Of settings that verify nothing, only the client certificate is passed on; whether there is one, the Secret tells, which is
# out of sight here.
_setting := [peer |
	some peer in input.peers.host
	object.get(peer.object, ["metadata", "annotations", "nginx.ingress.kubernetes.io/proxy-ssl-secret"], "") != ""
	upstream.verifies(peer.object.metadata.annotations)
	not nginx.location_only
]

_older_settings(host) if {
	some peer in input.peers.host
	peer.key == host
	peer.age == "older"
	object.get(peer.object, ["metadata", "annotations", "nginx.ingress.kubernetes.io/proxy-ssl-secret"], "") != ""
}

# It speaks TLS to its backends, and has no settings of its own.
_takes_over(ingress) if {
	upstream.protocol(ingress.metadata.annotations) in {"HTTPS", "AUTO_HTTP"}
	object.get(ingress.metadata.annotations, "nginx.ingress.kubernetes.io/proxy-ssl-secret", "") == ""
	not nginx.canary(ingress.metadata.annotations)
	not nginx.by_hand(ingress.metadata.annotations, "proxy_ssl_")
}

# A CA alone that nothing is verified by changes nothing.
_matters(_) if upstream.verifies(input.object.metadata.annotations)

_matters(ref) if _shown(ref)

_effect(ref, hosts) := sprintf("%s get 502 from backends that %s does not verify%s", [_requests(hosts), ref.label, _and_shown(ref)]) if {
	upstream.verifies(input.object.metadata.annotations)
}

_effect(ref, hosts) := sprintf("%s show backends the client certificate of %s", [_requests(hosts), ref.label]) if {
	not upstream.verifies(input.object.metadata.annotations)
}

_requests(hosts) := sprintf("requests to %s through other Ingresses", [text.list(hosts)])

_and_shown(ref) := ", and show them its client certificate" if _shown(ref)

_and_shown(ref) := "" if not _shown(ref)

_shown(ref) if {
	"tls.crt" in ref.keys
	"tls.key" in ref.keys
}

_sets(labels) := "sets" if count(labels) == 1

_sets(labels) := "set" if count(labels) > 1

_severity(peers) := "error" if _foreign(peers)

_severity(peers) := "warning" if not _foreign(peers)

_foreign(peers) if {
	some peer in peers
	peer.namespace != ""
	input.id.namespace != ""
	peer.namespace != input.id.namespace
}

_related(label, peers, message) := object.union(
	object.filter(found[0], ["group", "kind", "namespace", "name"]),
	{"path": found[0].their_path, "message": message},
) if {
	found := [peer | some peer in peers; peer.label == label]
}
