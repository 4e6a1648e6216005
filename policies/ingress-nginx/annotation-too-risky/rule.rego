# METADATA
# title: Annotation that the controller holds for too risky
# description: |
#   ingress-nginx gives each of its annotations a risk: Low, Medium, High or Critical. One above `annotations-risk-level` of
#   the controller's ConfigMap costs the **whole Ingress**, not just the annotation, whatever its value, an empty one
#   included: **a new Ingress is not served at all, and a changed one goes on as it was** until the controller is started
#   anew. With it goes what it asks of clients and backends. All there is to see is a line in the log; the controller's own
#   webhook, where it runs, refuses the Ingress.
#
#   `auth-tls-match-cn`, `auth-tls-error-page` and `proxy-ssl-name` are High, and lost with Medium. `auth-tls-secret`,
#   `auth-tls-verify-client`, `proxy-ssl-secret` and `force-ssl-redirect` are Medium, and lost with Low: **there is no mTLS
#   with Low**. What is none of the four levels is read as Low.
#
#   The rule speaks only where the level is known, by the controller's ConfigMap or the config (`controllers.settings`). Of
#   snippets, which are Critical, it speaks where the ConfigMap says High: by default that is so only since 1.12, and the
#   releases before allowed all.
# related_resources:
#   - description: ingress-nginx, the risk of every annotation
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/docs/user-guide/nginx-configuration/annotations-risk.md
#   - description: ingress-nginx, annotations-risk-level
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#annotations-risk-level
#   - description: ingress-nginx, what happens to an Ingress with such an annotation
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/internal/ingress/annotations/annotations.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/"*]'
#   since: v0.1.0
package policies["ingress-nginx"]["annotation-too-risky"]

import data.lib.text

findings contains {
	"path": ["metadata", "annotations", annotation],
	"message": sprintf("%s has the risk %s, and annotations-risk-level is %s (%s)", [name, risk, _words(level), setting.reason]),
	"effect": sprintf("requests to %s are not served by this Ingress, or as by its last version without the annotation", [text.hosts(input.object)]),
	"remedy": sprintf("remove the annotation, or raise annotations-risk-level to %s", [risk]),
} if {
	setting := input.settings["ingress-nginx"]["annotations-risk-level"]
	setting.certainty == "known"
	level := setting.value
	too_risky := _too_risky(setting)
	some annotation, _ in input.object.metadata.annotations
	startswith(annotation, "nginx.ingress.kubernetes.io/")
	name := trim_prefix(annotation, "nginx.ingress.kubernetes.io/")
	some risk in too_risky
	name in _annotations[risk]
}

# Undefined for Critical. High is the default since 1.12, and was Critical before: that must be written somewhere.
_too_risky(setting) := ["Critical"] if {
	lower(setting.value) == "high"
	setting.by
}

_too_risky(setting) := ["High", "Critical"] if lower(setting.value) == "medium"

_too_risky(setting) := ["Medium", "High", "Critical"] if not lower(setting.value) in {"medium", "high", "critical"}

_words(level) := level if lower(level) in {"low", "medium", "high"}

_words(level) := sprintf("%q, which is read as Low", [level]) if not lower(level) in {"low", "medium", "high"}

# docs/user-guide/nginx-configuration/annotations-risk.md of v1.15.1, and whitelist-source-range, another name of
# allowlist-source-range.
_annotations := {
	"Critical": {"auth-snippet", "configuration-snippet", "modsecurity-snippet", "server-snippet", "stream-snippet"},
	"High": {
		"auth-signin", "auth-tls-error-page", "auth-tls-match-cn", "auth-url", "mirror-host", "mirror-target",
		"modsecurity-transaction-id", "proxy-ssl-name", "server-alias", "upstream-hash-by",
	},
	"Medium": {
		"affinity-mode", "allowlist-source-range", "app-root", "auth-cache-duration", "auth-cache-key",
		"auth-proxy-set-headers", "auth-realm", "auth-request-redirect", "auth-response-headers", "auth-secret",
		"auth-signin-redirect-param", "auth-tls-secret", "auth-tls-verify-client", "canary-by-cookie", "canary-by-header",
		"canary-by-header-pattern", "canary-by-header-value", "cors-allow-headers", "cors-allow-methods", "cors-allow-origin",
		"cors-expose-headers", "custom-headers", "denylist-source-range", "fastcgi-index", "fastcgi-params-configmap",
		"force-ssl-redirect", "opentelemetry-operation-name", "permanent-redirect", "preserve-trailing-slash",
		"proxy-body-size", "proxy-cookie-domain", "proxy-cookie-path", "proxy-next-upstream", "proxy-redirect-from",
		"proxy-redirect-to", "proxy-ssl-ciphers", "proxy-ssl-secret", "rewrite-target", "session-cookie-domain",
		"session-cookie-expires", "session-cookie-max-age", "session-cookie-name", "session-cookie-path", "temporal-redirect",
		"whitelist-source-range", "x-forwarded-prefix",
	},
}
