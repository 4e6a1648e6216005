# METADATA
# title: Error page for clients without a certificate goes astray
# description: |
#   `auth-tls-error-page` is where nginx sends clients whose certificate is missing or wrong. Only a whole URL is a redirect.
#
#   - **A path is no redirect: nginx fetches it from the backend at once**, for a client that showed no certificate. What the
#     backend answers under that path is public.
#   - `@name` names a location that ingress-nginx never makes: such clients get 500.
#   - A host without `https://` is taken for a path relative to the one asked for, and leads nowhere.
#
#   Turn the rule off where the page that the backend serves there is meant for everybody.
# related_resources:
#   - description: ingress-nginx, internal/ingress/annotations/authtls/main.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/annotations/authtls/main.go
#   - description: nginx, error_page
#     ref: https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-error-page"]'
#   since: v0.1.0
package policies["ingress-nginx"]["error-page-unsafe"]

import data.lib.text

findings contains object.union(
	{
		"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-error-page"],
		"remedy": "write a whole URL: https://<host>/<page>",
	},
	_verdict(page, text.hosts(input.object)),
) if {
	some ref in input.refs["client-ca"]
	ref.in_force
	ref.presence != "absent"
	page := trim(input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-error-page"], " ")
}

_verdict(page, hosts) := {
	"message": sprintf("nginx fetches the error page %s from the backend", [page]),
	"effect": sprintf("requests to %s without a client certificate reach the backend under %s", [hosts, page]),
} if {
	startswith(page, "/")
}

_verdict(page, hosts) := {
	"message": sprintf("ingress-nginx makes no location %s", [page]),
	"effect": sprintf("requests to %s without a client certificate get 500", [hosts]),
	"severity": "warning",
} if {
	startswith(page, "@")
}

_verdict(page, hosts) := {
	"message": sprintf("the error page %s has no scheme, and browsers take it for a relative path", [page]),
	"effect": sprintf("clients of %s without a certificate are sent to a page that does not exist", [hosts]),
	"severity": "warning",
} if {
	# Other characters are refused, and the Ingress with them.
	regex.match(`^[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9_.-]+)*/?$`, page)
}
