# METADATA
# title: TLS annotation that Traefik ignores
# description: |
#   Traefik's ingress-nginx provider reads a part of the annotations. What it does not read **does nothing, and nothing is
#   said of it**: `auth-tls-match-cn` lets everybody in who has a certificate of the CA, and a list of revoked certificates
#   (`ca.crl` in the Secret) is not looked at. Depths, ciphers and protocols are not limited: Go takes a chain of any length.
# related_resources:
#   - description: Traefik, annotations of ingress-nginx
#     ref: https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress-nginx/
#   - description: Traefik, the annotations that its provider reads
#     ref: https://github.com/traefik/traefik/blob/v3.7/pkg/provider/kubernetes/ingress-nginx/annotations.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [traefik-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-match-cn"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-error-page"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-ciphers"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-prefer-server-ciphers"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-ciphers"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-protocols"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify-depth"]'
#   since: v0.1.0
package policies.traefik["annotation-ignored"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ["metadata", "annotations", annotation],
	"message": "Traefik ignores auth-tls-match-cn",
	"effect": sprintf("any certificate of the CA is let in to %s, whatever its name", [text.hosts(input.object)]),
	"remedy": "check the name in the backend, or use a CA that signs these clients only",
} if {
	annotation := "nginx.ingress.kubernetes.io/auth-tls-match-cn"
	input.object.metadata.annotations[annotation] != ""
	nginx.asks_clients(input.object.metadata.annotations)
}

findings contains {
	"path": ref.path,
	"message": sprintf("Traefik ignores ca.crl of %s", [ref.label]),
	"effect": sprintf("revoked certificates are let in to %s", [text.hosts(input.object)]),
	"remedy": "check revocation in the backend, or let certificates live for a short time only",
} if {
	some ref in input.refs["client-ca"]
	ref.in_force
	"ca.crl" in ref.keys
}

findings contains {
	"path": ["metadata", "annotations", annotation],
	"message": sprintf("Traefik ignores %s", [trim_prefix(annotation, "nginx.ingress.kubernetes.io/")]),
	"effect": sprintf(effect, [text.hosts(input.object)]),
	"remedy": "remove it, and set what Traefik has for it, if anything",
	"severity": "warning",
} if {
	some annotation, effect in _ignored
	trim_space(input.object.metadata.annotations[annotation]) != ""
}

_ignored := {
	"nginx.ingress.kubernetes.io/auth-tls-error-page": "clients without a certificate get a TLS alert from %s",
	"nginx.ingress.kubernetes.io/auth-tls-verify-depth": "certificate chains of any length are let in to %s",
	"nginx.ingress.kubernetes.io/proxy-ssl-verify-depth": "the backends of %s may show certificate chains of any length",
	"nginx.ingress.kubernetes.io/proxy-ssl-ciphers": "the ciphers towards the backends of %s are Go's",
	"nginx.ingress.kubernetes.io/proxy-ssl-protocols": "the TLS versions towards the backends of %s are Go's",
	"nginx.ingress.kubernetes.io/ssl-ciphers": "the ciphers of %s are Traefik's",
	"nginx.ingress.kubernetes.io/ssl-prefer-server-ciphers": "the ciphers of %s are Traefik's",
}
