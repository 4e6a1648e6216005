# METADATA
# title: Client CA applies to the catch-all server
# description: |
#   A rule without a host belongs to the one server of ingress-nginx that answers for whatever no Ingress names. With
#   `auth-tls-*` that server asks for client certificates: **for requests by IP address, for the unknown hosts of everybody
#   else in the cluster, and for `/healthz` on port 443**, by which load balancers look after the controller.
#
#   A canary that names a host which no other Ingress serves puts its policy on that server too. Files may not show the
#   other Ingress, so that this is a note.
# related_resources:
#   - description: mTLS of one Ingress reaches the default server
#     ref: https://github.com/kubernetes/ingress-nginx/issues/3964
#   - description: ingress-nginx, internal/ingress/controller/controller.go (getBackendServers)
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/controller/controller.go
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["client-ca-on-catch-all"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ["spec", "rules", indexes[0]],
	"message": "a rule without a host belongs to the catch-all server, and auth-tls-* with it",
	"effect": "requests by IP address, for hosts that no Ingress names, and for /healthz on port 443 need a client certificate",
	"remedy": "give the rule its host",
} if {
	_asking
	indexes := [i | some i, rule in input.object.spec.rules; object.get(rule, "host", "") == ""]
	count(indexes) > 0
}

findings contains {
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/canary"],
	"message": sprintf("this canary is the only Ingress in sight for %s, and auth-tls-* of it go to the catch-all server", [text.list(hosts)]),
	"effect": "requests for hosts that no Ingress names need a client certificate",
	"remedy": "make it an Ingress of its own, or remove auth-tls-* from it",
	"severity": "info",
} if {
	_asking
	nginx.canary(input.object.metadata.annotations)
	hosts := sort({rule.host | some rule in input.object.spec.rules; rule.host != ""} - _served)
	count(hosts) > 0
}

_asking if {
	some ref in input.refs["client-ca"]
	ref.in_force
	ref.presence != "absent"
}

_served := {peer.key | some peer in input.peers.host; not nginx.canary(object.get(peer.object, ["metadata", "annotations"], {}))}
