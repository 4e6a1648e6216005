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
	"path": entry.path,
	"message": sprintf("%s has the risk %s, and %s is %s (%s)", [entry.name, entry.risk, entry.setting, _words(setting.value), setting.reason]),
	"effect": sprintf("requests to %s are not served by this Ingress, or as by its last version without the annotation", [text.hosts(input.object)]),
	"remedy": sprintf("remove the annotation, or raise %s to %s", [entry.setting, entry.risk]),
} if {
	some entry in input.refused
	entry.reason == "risk"
	setting := input.settings["ingress-nginx"][entry.setting]
	setting.certainty == "known"
	_written(setting)
}

# High is the default since 1.12, and was Critical before: that must be written somewhere. Who may not know where is told that it is.
_written(setting) if setting.set

_written(setting) if lower(setting.value) != "high"

_words(level) := level if lower(level) in {"low", "medium", "high"}

_words(level) := sprintf("%q, which is read as Low", [level]) if not lower(level) in {"low", "medium", "high"}
