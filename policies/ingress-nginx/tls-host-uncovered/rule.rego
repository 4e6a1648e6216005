# METADATA
# title: Host of a rule is in no entry of spec.tls
# description: |
#   For the host of a rule, ingress-nginx takes the first entry of `spec.tls` that lists it, else the first Secret whose certificate is
#   for it. Where there is neither, the host is served with **the controller's default certificate**, by default a made-up one
#   that no client trusts. An Ingress with `spec.tls` that leaves a host out settles it for the host: a newer Ingress that names a Secret
#   is not asked.
#
#   What a certificate is for is known where it is in sight, or where cert-manager makes it for the hosts of the entry; else the
#   finding is a warning. Wildcards, and entries without hosts, are believed.
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
package policies["ingress-nginx"]["tls-host-uncovered"]

import data.lib.nginx

findings contains {
	"path": ["spec", "rules", index, "host"],
	"message": sprintf("no entry of spec.tls lists %s, and %s", [rule.host, _why]),
	"effect": sprintf("clients of %s are shown the controller's default certificate", [rule.host]),
	"remedy": "list the host in an entry of spec.tls whose certificate is for it",
	"severity": _severity,
} if {
	count(_entries) > 0
	some index, rule in input.object.spec.rules
	rule.host != ""
	not _listed_first(rule.host)
	not lower(rule.host) in _listed
	not _covered(rule.host)
	not _of_another(rule.host)
	_ends_tls
}

# Without any Secret, the default certificate is what is asked for.
_entries := [{"index": index, "entry": entry} |
	some index, entry in input.object.spec.tls
	entry.secretName != ""
]

# The first names of the first entries say it for most, without a set.
_listed_first(host) if {
	some i in [0, 1]
	some j in [0, 1, 2, 3]
	lower(input.object.spec.tls[i].hosts[j]) == lower(host)
}

# Sets, for an Ingress may have thousands of hosts.
_listed := {lower(host) | some entry in input.object.spec.tls; some host in entry.hosts}

_covering := {lower(name) | some item in _entries; some name in _names(item)}

_covered(host) if lower(host) in _covering

_covered(host) if concat(".", array.concat(["*"], array.slice(split(lower(host), "."), 1, 99))) in _covering

# A certificate out of sight may be for any name.
_covered(_) if {
	some item in _entries
	not _seen(item)
	count(object.get(item.entry, "hosts", [])) == 0
}

# Another Ingress of the host names a Secret for it.
_of_another(host) if {
	some peer in input.peers.host
	peer.key == host
	nginx.tls_secret(peer.object, host) != ""
}

# An older one has an entry whose certificate may be for it.
_of_another(host) if {
	some peer in input.peers.host
	peer.key == host
	peer.age == "older"
	count(peer.object.spec.tls) > 0
	not nginx.canary(object.get(peer.object, ["metadata", "annotations"], {}))
	not nginx.tls_leaves_out(peer.object, host)
}

# A canary's spec.tls is ignored, and with passthrough the backend shows its own.
_ends_tls if {
	annotations := object.get(input.object.metadata, "annotations", {})
	not nginx.canary(annotations)
	not object.get(annotations, "nginx.ingress.kubernetes.io/ssl-passthrough", "") in nginx.truth
}

_ref(item) := ref if {
	some ref in input.refs["server-certificate"]
	ref.path == ["spec", "tls", item.index, "secretName"]
}

_seen(item) if count(_ref(item).content.certificates) > 0

# Of the names in a certificate that cert-manager makes for an Ingress, these are all.
_names(item) := item.entry.hosts if not _seen(item)

_names(item) := object.get(input.certificates[_ref(item).content.certificates[0]], "dns_names", []) if _seen(item)

_known(item) if _seen(item)

_known(item) if _ref(item).presence == "promised"

default _severity := "warning"

_severity := "error" if {
	every item in _entries {
		_known(item)
	}
}

_why := "none of its certificates is for it" if _severity == "error"

_why := "its certificates are for other hosts, as far as one can see" if _severity == "warning"
