# METADATA
# title: Boolean that is true to ingress-nginx and false to Traefik
# description: |
#   ingress-nginx reads booleans as Go does, so that `"1"`, `"t"` and `"T"` are true. To Traefik **only the word `true` is true**, in
#   letters of any case, and all else is false: what the annotation asks for does not happen, or `ssl-redirect` is switched off.
# related_resources:
#   - description: Traefik, annotations of ingress-nginx
#     ref: https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress-nginx/
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [traefik-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-passthrough"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-redirect"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/force-ssl-redirect"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream"]'
#   since: v0.1.0
package policies.traefik["boolean-not-true"]

import data.lib.text

findings contains {
	"path": ["metadata", "annotations", annotation],
	"message": sprintf("Traefik takes %q for false", [value]),
	"effect": sprintf(effect, [text.hosts(input.object)]),
	"remedy": "write \"true\"",
	"fix": {
		"title": "set it to \"true\"",
		"safe": true,
		"edits": [{"op": "set", "path": ["metadata", "annotations", annotation], "value": "true"}],
	},
} if {
	some annotation, effect in _booleans
	value := input.object.metadata.annotations[annotation]
	value in {"1", "t", "T"}
}

_booleans := {
	"nginx.ingress.kubernetes.io/ssl-passthrough": "Traefik ends TLS for %s itself",
	"nginx.ingress.kubernetes.io/ssl-redirect": "requests to %s in plain HTTP are answered, and not redirected",
	"nginx.ingress.kubernetes.io/force-ssl-redirect": "requests to %s in plain HTTP are answered, and not redirected",
	"nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream": "backends of %s are not told the client certificate",
}
