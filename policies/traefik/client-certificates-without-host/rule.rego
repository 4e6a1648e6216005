# METADATA
# title: Client certificates for a rule without a host
# description: |
#   Traefik chooses TLS options by the name that a client asks for. A rule without a host has no such name, so that **Traefik
#   takes the default options, and asks nobody for a certificate**; a line in the log is all it says. ingress-nginx asks on its
#   catch-all server.
# related_resources:
#   - description: Traefik, annotations of ingress-nginx
#     ref: https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress-nginx/
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [traefik-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies.traefik["client-certificates-without-host"]

import data.lib.nginx

findings contains {
	"path": ["spec", "rules", index],
	"message": "Traefik applies auth-tls-* by host, and this rule has none",
	"effect": "requests that this rule serves reach the backend without a client certificate",
	"remedy": "name the hosts",
} if {
	nginx.asks_clients(input.object.metadata.annotations)
	some index, rule in input.object.spec.rules
	object.get(rule, "host", "") == ""
	rule.http
}
