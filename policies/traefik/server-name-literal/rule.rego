# METADATA
# title: proxy-ssl-server-name is taken for a name
# description: |
#   To ingress-nginx `proxy-ssl-server-name` is a switch, `on` or `off`. Traefik takes its **value for the name** that it sends to the
#   backend and verifies the certificate against, where `proxy-ssl-name` is not set. With `"on"`, backends must hold a
#   certificate for a host named `on`; with `proxy-ssl-verify: "on"` every request fails.
# related_resources:
#   - description: Traefik, annotations of ingress-nginx
#     ref: https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress-nginx/
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [traefik-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-server-name"]'
#   since: v0.1.0
package policies.traefik["server-name-literal"]

import data.lib.text

findings contains {
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/proxy-ssl-server-name"],
	"message": sprintf("Traefik takes %q for the name of the backend, as proxy-ssl-name is not set", [name]),
	"effect": sprintf(outcome.effect, [text.hosts(input.object)]),
	"remedy": "set proxy-ssl-name to a name in the backend's certificate",
	"severity": outcome.severity,
} if {
	name := input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-server-name"]
	name in {"on", "off"}
	not input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-name"]
	upper(input.object.metadata.annotations["nginx.ingress.kubernetes.io/backend-protocol"]) in {"HTTPS", "GRPCS"}
	outcome := _outcomes[_verified]
}

default _verified := false

_verified if lower(input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify"]) == "on"

_outcomes := {
	true: {"effect": "every request to %s fails, as no certificate bears that name", "severity": "error"},
	false: {"effect": "the backends of %s are asked for a certificate of that name", "severity": "warning"},
}
