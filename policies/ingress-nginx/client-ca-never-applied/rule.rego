# METADATA
# title: Client CA is never applied
# description: |
#   ingress-nginx applies `auth-tls-*` rule by rule, and only to rules with `http`. An Ingress with nothing but a
#   `spec.defaultBackend`, or a rule that is a host alone, is served all the same: **requests reach the default backend with
#   no certificate asked for**.
#
#   Nothing is reported where nothing of the user's is served: a rule without `http` in an Ingress without a default backend,
#   on a host that no other Ingress serves, leads to the controller's own page.
# related_resources:
#   - description: ingress-nginx, internal/ingress/controller/controller.go (getBackendServers)
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/controller/controller.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["client-ca-never-applied"]

import data.lib.nginx
import data.lib.text

# No rules.
findings contains {
	"path": ref.path,
	"message": "ingress-nginx applies auth-tls-* to rules, and this Ingress has none",
	"effect": "requests to the catch-all server reach the default backend without a client certificate",
	"remedy": "give it a rule with its host, and with http",
} if {
	some ref in input.refs["client-ca"]
	ref.in_force
	not input.object.spec.rules[0]
	input.object.spec.defaultBackend.service
	not nginx.canary(input.object.metadata.annotations)
}

# Rules that are a host alone.
findings contains {
	"path": ref.path,
	"message": sprintf("ingress-nginx applies auth-tls-* to rules with http, and that of %s has none", [text.list(hosts)]),
	"effect": sprintf("requests to %s reach %s without a client certificate", [text.list(hosts), _backend(hosts)]),
	"remedy": "give the rule an http with its paths",
} if {
	some ref in input.refs["client-ca"]
	ref.in_force
	hosts := sort({host | some host in (_bare - _applied); _backend([host])})
	count(hosts) > 0
}

# A rule without a host is the exception: the catch-all server takes the policy of one without http, too.
_bare := {rule.host |
	some rule in input.object.spec.rules
	not rule.http
	rule.host != ""
}

# Hosts with a policy from elsewhere: another rule, or another Ingress.
_applied := {rule.host | some rule in input.object.spec.rules; rule.http} | {peer.key |
	some peer in input.peers.host
	_serves(peer)
	nginx.names_client_ca(peer.object.metadata.annotations)
}

_serves(peer) if {
	some rule in peer.object.spec.rules
	rule.host == peer.key
	rule.http
}

_backend(_) := "the default backend" if input.object.spec.defaultBackend.service

_backend(hosts) := text.list(servers) if {
	not input.object.spec.defaultBackend.service
	servers := sort({sprintf("the backend of %s", [peer.label]) | some peer in input.peers.host; peer.key in hosts; _serves(peer)})
	count(servers) > 0
}
