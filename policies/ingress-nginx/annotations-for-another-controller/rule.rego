# METADATA
# title: mTLS annotations of ingress-nginx on an Ingress of another controller
# description: |
#   `nginx.ingress.kubernetes.io/` annotations are ingress-nginx's. F5's controller, Traefik's own Ingress provider, the AWS
#   Load Balancer Controller, Cilium and Kong do not read them: **clients are asked for no certificate, and backends are not
#   verified**, with nothing said anywhere. It happens when the class of an Ingress changes and its annotations stay.
#
#   Traefik also has a provider that reads some of them. Where that one serves the class, say so in the config:
#   `controllers: {classes: {nginx: traefik-nginx}}`.
# related_resources:
#   - description: mTLS ignored, as F5's controller was running
#     ref: https://github.com/kubernetes/ingress-nginx/issues/9303
#   - description: Traefik's provider for annotations of ingress-nginx
#     ref: https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-ingress-nginx/
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [f5-nginx, traefik, aws-load-balancer, cilium, kong]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-passthrough"]'
#   since: v0.1.0
package policies["ingress-nginx"]["annotations-for-another-controller"]

import data.lib.nginx
import data.lib.text

findings contains object.union(_finding("auth-tls-secret"), {"effect": sprintf("clients of %s are not asked for a certificate", [text.hosts(input.object)])}) if {
	_unread
	nginx.asks_clients(input.object.metadata.annotations)
}

findings contains object.union(_finding("proxy-ssl-secret"), {"effect": sprintf("the certificates of the backends of %s are not verified", [text.hosts(input.object)])}) if {
	_unread
	input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"] != ""
	input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify"] == "on"
}

findings contains object.union(_finding("ssl-passthrough"), {
	"effect": sprintf("%s ends TLS for %s itself", [_acting, text.hosts(input.object)]),
	"severity": "warning",
}) if {
	_unread
	input.object.metadata.annotations["nginx.ingress.kubernetes.io/ssl-passthrough"] in nginx.truth
}

_finding(name) := {
	"path": ["metadata", "annotations", sprintf("nginx.ingress.kubernetes.io/%s", [name])],
	"message": sprintf("%s acts on this Ingress, and reads no annotation of ingress-nginx", [_acting]),
	"remedy": "use what that controller has for it, or change the class",
}

_unread if {
	not input.controllers["ingress-nginx"]
	not input.controllers["traefik-nginx"]
}

_acting := text.list(sort({title | some name, title in _titles; input.controllers[name]}))

_titles := {
	"f5-nginx": "F5's NGINX Ingress Controller",
	"traefik": "Traefik",
	"aws-load-balancer": "the AWS Load Balancer Controller",
	"cilium": "Cilium",
	"kong": "Kong",
}
