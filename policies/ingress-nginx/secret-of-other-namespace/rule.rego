# METADATA
# title: Secret of another namespace
# description: |
#   `auth-tls-secret` or `proxy-ssl-secret` names a Secret of another namespace than that of the Ingress. ingress-nginx refuses
#   it unless its ConfigMap sets `allow-cross-namespace-resources: "true"`, whatever the Secret holds and whether or not it
#   exists. For `auth-tls-secret` it then answers **403 to every request of the host**, whichever Ingress serves the path and
#   even where `auth-tls-verify-client` is `off`; for `proxy-ssl-secret`, 503 to every request that this Ingress serves. Its
#   own webhook admits both.
#
#   Whether the controller permits it is read from its ConfigMap, where that is in sight. If it is not, say so in the config:
#   `controllers: {settings: {ingress-nginx: {allow-cross-namespace-resources: "true"}}}`. Of a Secret that is refused nothing
#   else is said, not even whether it exists.
# related_resources:
#   - description: ingress-nginx, allow-cross-namespace-resources
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#allow-cross-namespace-resources
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
	"message": sprintf("%s %s, and ingress-nginx takes none of another namespace%s", [ref.label, ref.state, unless]),
	"effect": sprintf("every request %s gets %s", [_requests[role], _status[role]]),
	"remedy": sprintf("keep the Secret in namespace %s and refer to %s/%s", [input.id.namespace, input.id.namespace, ref.name]),
} if {
	some role in ["client-ca", "upstream-ca"]
	some ref in input.refs[role]
	unless := _unless[ref.grant]
}

_unless := {
	"refused": "",
	"refused-by-default": " unless its ConfigMap sets allow-cross-namespace-resources",
}

_status := {"client-ca": "403", "upstream-ca": "503"}

_requests["client-ca"] := sprintf("to %s", [text.hosts(input.object)])

# Only what this Ingress leads to; others of the host are not hit.
_requests["upstream-ca"] := sprintf("that this Ingress serves at %s", [text.hosts(input.object)])
