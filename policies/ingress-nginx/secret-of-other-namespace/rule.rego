# METADATA
# title: Secret of another namespace
# description: |
#   `auth-tls-secret` or `proxy-ssl-secret` names a Secret of another namespace than that of the Ingress. ingress-nginx refuses
#   it unless its ConfigMap sets `allow-cross-namespace-resources: "true"`, whatever the Secret holds and whether or not it
#   exists. **Before version 1.12 the default was to permit it**, so that what worked for years is refused after an upgrade. For `auth-tls-secret` it then answers **403 to every request of the host**, whichever Ingress serves the path and
#   even where `auth-tls-verify-client` is `off`; for `proxy-ssl-secret`, 503 to every request that this Ingress serves. Its
#   own webhook admits both.
#
#   Whether the controller permits it is read from its ConfigMap, where that is in sight. If it is not, or the controller is
#   older than 1.12 and nothing is set, say so in the config of tlsward:
#   `controllers: {settings: {ingress-nginx: {allow-cross-namespace-resources: "true"}}}`
#   (docs/config.md, "Settings of controllers"). Of a Secret that is refused nothing else is said, not even whether it exists.
# related_resources:
#   - description: ingress-nginx, allow-cross-namespace-resources
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#allow-cross-namespace-resources
#   - description: ingress-nginx 1.12.0, the default changes
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/changelog/controller-1.12.0.md
#   - description: ingress-nginx, internal/ingress/annotations/authtls/main.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/annotations/authtls/main.go
#   - description: ingress-nginx, internal/ingress/annotations/proxyssl/main.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/annotations/proxyssl/main.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["secret-of-other-namespace"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s, and ingress-nginx%s", [ref.label, ref.state, unless.message]),
	"effect": sprintf("every request %s gets %s", [_requests[role], _status[role]]),
	"remedy": sprintf("keep the Secret in namespace %s and refer to %s/%s%s", [input.id.namespace, input.id.namespace, ref.name, unless.remedy]),
} if {
	some role in ["client-ca", "upstream-ca"]
	some ref in input.refs[role]
	unless := _unless[ref.grant]
}

_unless := {
	"refused": {"message": " takes none of another namespace", "remedy": ""},
	"refused-by-default": {
		"message": ", from 1.12 on, takes none of another namespace unless its ConfigMap sets allow-cross-namespace-resources",
		"remedy": "; if yours permits it, say so in the config: controllers.settings.ingress-nginx.allow-cross-namespace-resources",
	},
}

_status := {"client-ca": "403", "upstream-ca": "503"}

_requests["client-ca"] := sprintf("to %s", [text.hosts(input.object)])

# Only what this Ingress leads to; others of the host are not hit.
_requests["upstream-ca"] := sprintf("that this Ingress serves at %s", [text.hosts(input.object)])
