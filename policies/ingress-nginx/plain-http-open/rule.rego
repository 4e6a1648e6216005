# METADATA
# title: Plain HTTP gets past the client certificate check
# description: |
#   nginx asks for client certificates where it ends TLS, on port 443. **What comes in on port 80 is asked for none**; all that
#   keeps it from the backend is the redirect to HTTPS. The redirect is missing where `ssl-redirect` is off, here or for the
#   whole controller, where no Ingress of the host, nor of the wildcard host above it, has a `spec.tls`, and on the catch-all
#   server.
#
#   `force-ssl-redirect: "true"` redirects in each of these cases, also where the controller's default certificate is used and
#   `spec.tls` is left out. `auth-tls-match-cn` closes port 80 as well: without a certificate no name matches.
#   `/.well-known/acme-challenge` is never redirected. Where the controller trusts `X-Forwarded-Proto`
#   (`use-forwarded-headers`), a client that sends the header itself gets past any redirect, unless what stands before the
#   controller overwrites it.
#
#   A missing `spec.tls` is a warning: the Ingress that has it may come a moment later, or stand in another repository. Turn
#   the rule off where port 80 of the controller cannot be reached. With the parameter `inject: always` the webhook writes `force-ssl-redirect: "true"`.
# related_resources:
#   - description: mTLS hosts answer on plain HTTP
#     ref: https://github.com/kubernetes/ingress-nginx/issues/2010
#   - description: ingress-nginx, when the redirect happens (rootfs/etc/nginx/lua/lua_ingress.lua)
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/rootfs/etc/nginx/lua/lua_ingress.lua
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
#   default: true
#   parameters:
#     inject:
#       description: Whether the webhook writes force-ssl-redirect "true" (always), or the Ingress is refused (never).
#       default: never
#       values: [never, always]
package policies["ingress-nginx"]["plain-http-open"]

import data.lib.nginx
import data.lib.text

# The redirect is switched off, here or for the whole controller.
findings contains object.union(
	{
		"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/ssl-redirect"],
		"message": "ssl-redirect is off",
		"effect": _effect(hosts),
		"remedy": "set force-ssl-redirect to \"true\"",
	},
	_fix,
) if {
	_verifies
	not _forced
	not _on("ssl-redirect", "true")
	hosts := sort({text.host(host) | some host in _served})
	count(hosts) > 0
}

# The redirect waits for a certificate of the host.
findings contains object.union(
	{
		"path": ref.path,
		"message": sprintf("ingress-nginx redirects to HTTPS by itself only where some Ingress has a spec.tls for the host, and none in sight has for %s", [text.list(hosts)]),
		"effect": _effect(hosts),
		"remedy": "set force-ssl-redirect to \"true\", or give the Ingress a spec.tls with its host",
		"severity": "warning",
	},
	_fix,
) if {
	ref := _verifies
	not _forced
	_on("ssl-redirect", "true")
	hosts := sort({text.host(host) | some host in _served; not _certificate(host)})
	count(hosts) > 0
}

_effect(hosts) := sprintf("requests to %s on port 80 reach the backend without a client certificate", [text.list(hosts)])

# The first reference, if every client on port 443 needs a certificate, and nothing but the redirect guards port 80. Where the
# list of peers is cut, what is not in it is unknown.
_verifies := ref if {
	some i, ref in input.refs["client-ca"]
	i == 0
	ref.in_force
	ref.presence != "absent"
	ref.key_presence != "absent"
	annotations := input.object.metadata.annotations
	nginx.client_policy(annotations)["auth-tls-verify-client"] == "on"
	not startswith(nginx.client_policy(annotations)["auth-tls-match-cn"], "CN=")
	not nginx.canary(annotations)
	not "host" in object.get(input, "truncated", [])
	not "wildcard" in object.get(input, "truncated", [])
}

_forced if _on("force-ssl-redirect", "false")

# Of what is no boolean the controller's own setting counts.
_on(option, _) if input.object.metadata.annotations[_annotation(option)] in nginx.truth

_on(option, otherwise) if {
	not _boolean(option)
	object.get(input, ["settings", "ingress-nginx", option, "value"], otherwise) == "true"
}

_boolean(option) if input.object.metadata.annotations[_annotation(option)] in (nginx.truth | nginx.falsehood)

_annotation(option) := sprintf("nginx.ingress.kubernetes.io/%s", [option])

# Challenges of ACME are answered on port 80, and never redirected.
_served := {object.get(rule, "host", "") |
	some rule in input.object.spec.rules
	some path in rule.http.paths
	not startswith(object.get(path, "path", "/"), "/.well-known/acme-challenge/")
}

# The certificate that a host is served with is looked up by its name, and then by that of the wildcard host above it. To the
# catch-all server no name leads (rootfs/etc/nginx/lua/certificate.lua).
_certificate(host) if {
	host != ""
	input.object.spec.tls[0]
}

_certificate(host) if {
	host != ""
	some peer in array.concat(object.get(input, ["peers", "host"], []), object.get(input, ["peers", "wildcard"], []))
	peer.key in {host, nginx.parent(host)}
	peer.object.spec.tls[0]
	not nginx.canary(object.get(peer.object, ["metadata", "annotations"], {}))
}

default _fix := {}

_fix := {"fix": {
	"title": "set force-ssl-redirect to \"true\"",
	"safe": true,
	"edits": [{"op": "set", "path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/force-ssl-redirect"], "value": "true"}],
}} if {
	input.params["ingress-nginx/plain-http-open"].inject == "always"
	not input.object.metadata.annotations["nginx.ingress.kubernetes.io/force-ssl-redirect"]
}
