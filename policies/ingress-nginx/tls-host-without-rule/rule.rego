# METADATA
# title: Host in spec.tls that no rule of the Ingress serves
# description: |
#   ingress-nginx looks into `spec.tls` for the hosts of the same Ingress's rules only. A host that stands in `spec.tls` alone gets **no
#   certificate by it**, even where another Ingress serves the host. Often it is a misspelt one.
#
#   It is a note, as a certificate may be for more names than the Ingress serves: where cert-manager makes it of the entry, the
#   entry lists a wildcard too, or the controller redirects from or to `www.`, nothing is said.
# related_resources:
#   - description: ingress-nginx, createServers and extractTLSSecretName
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/internal/ingress/controller/controller.go
# custom:
#   severity: info
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers: [spec.tls]
#   since: v0.1.0
package policies["ingress-nginx"]["tls-host-without-rule"]

import data.lib.nginx

findings contains {
	"path": ["spec", "tls", index, "hosts", position],
	"message": sprintf("no rule of this Ingress is for %s", [host]),
	"effect": sprintf("%s is given no certificate by this entry", [host]),
	"remedy": "remove it, or correct its name",
} if {
	some index, entry in input.object.spec.tls
	not _wild(entry)
	some position, host in entry.hosts
	not _among_few(host)
	count({key | some key in _issuers; _annotations[key]}) == 0
	count(_hosts) == count(input.object.spec.rules)
	not lower(host) in _hosts
	not lower(host) in _redirected
	not lower(host) in _aliases
}

# Who lists a wildcard lists what the certificate is for, often the domain itself beside it.
_wild(entry) if {
	some host in entry.hosts
	startswith(host, "*.")
}

# cert-manager makes the certificate for every host of the entry.
_issuers := {"cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "kubernetes.io/tls-acme"}

_annotations := object.get(input.object.metadata, "annotations", {})

_hosts := {lower(rule.host) | some rule in input.object.spec.rules; rule.host != ""}

# The first of them say it for most, without a set.
_among_few(host) if {
	some i in [0, 1, 2, 3]
	lower(input.object.spec.rules[i].host) == lower(host)
}

_aliases := {trim_space(alias) | some alias in split(object.get(_annotations, "nginx.ingress.kubernetes.io/server-alias", ""), ",")}

default _redirected := set()

_redirected := {sprintf("www.%s", [host]) | some host in _hosts} | {trim_prefix(host, "www.") | some host in _hosts} if {
	_annotations["nginx.ingress.kubernetes.io/from-to-www-redirect"] in nginx.truth
}
