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
#   `/.well-known/acme-challenge` is never redirected, nor is what the controller's `no-tls-redirect-locations` names.
#
#   Where the controller is known to trust `X-Forwarded-Proto` (`use-forwarded-headers`), a client that sends
#   `X-Forwarded-Proto: https` itself gets past any redirect, unless what stands before the controller overwrites the header.
#   That is a warning.
#
#   `ssl-redirect`, `force-ssl-redirect` and `use-forwarded-headers` of the controller's ConfigMap count where they are in
#   sight or in the config (`controllers.settings`), and ingress-nginx's defaults otherwise; the message says which.
#
#   A missing `spec.tls` is a warning: the Ingress that has it may come a moment later, or stand in another repository. Turn
#   the rule off where port 80 of the controller cannot be reached. With the parameter `inject: always` the webhook writes `force-ssl-redirect: "true"`.
# related_resources:
#   - description: mTLS hosts answer on plain HTTP
#     ref: https://github.com/kubernetes/ingress-nginx/issues/2010
#   - description: ingress-nginx, when the redirect happens (rootfs/etc/nginx/lua/lua_ingress.lua)
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/rootfs/etc/nginx/lua/lua_ingress.lua
#   - description: ingress-nginx, use-forwarded-headers
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#use-forwarded-headers
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
		"path": off.path,
		"message": sprintf("%s, and %s", [off.message, _unforced]),
		"effect": _effect(hosts),
		"remedy": "set force-ssl-redirect to \"true\"",
	},
	_fix,
) if {
	ref := _verifies
	not nginx.switched_on("force-ssl-redirect")
	off := _off(ref)
	hosts := sort({text.host(host) | some host in _served})
	count(hosts) > 0
}

# The redirect waits for a certificate of the host.
findings contains object.union(
	{
		"path": ref.path,
		"message": sprintf(
			"ingress-nginx redirects to HTTPS by itself only where some Ingress has a spec.tls for the host, none in sight has for %s, and %s",
			[text.list(hosts), _unforced],
		),
		"effect": _effect(hosts),
		"remedy": "set force-ssl-redirect to \"true\", or give the Ingress a spec.tls with its host",
		"severity": "warning",
	},
	_fix,
) if {
	ref := _verifies
	not nginx.switched_on("force-ssl-redirect")
	nginx.switched_on("ssl-redirect")
	_some_without_certificate
	hosts := sort({text.host(host) | some host in _served; not _certificate(host)})
	count(hosts) > 0
}

# The redirect is in place, and a client can talk itself past it.
findings contains {
	"path": ref.path,
	"message": sprintf(
		"the controller believes X-Forwarded-Proto, by use-forwarded-headers (%s), and does not redirect who sends \"https\" in it",
		[_controller["use-forwarded-headers"].reason],
	),
	"effect": _effect(hosts),
	"remedy": "have the proxy before the controller overwrite X-Forwarded-Proto, close port 80, or switch use-forwarded-headers off",
	"severity": "warning",
} if {
	_controller["use-forwarded-headers"].value == "true"
	ref := _verifies
	hosts := sort({text.host(host) | some host in _served; _redirected(host)})
	count(hosts) > 0
}

# The redirect is in place, and the controller leaves some paths out of it.
findings contains {
	"path": ref.path,
	"message": sprintf("no-tls-redirect-locations keeps them from being redirected (%s)", [_controller["no-tls-redirect-locations"].reason]),
	"effect": _effect(places),
	"remedy": "take them out of no-tls-redirect-locations, or have them served by a host without client certificates",
	"severity": "warning",
} if {
	count(_left_out) > 0
	ref := _verifies
	places := sort({concat("", [text.host(host), path.path]) |
		some rule in input.object.spec.rules
		host := object.get(rule, "host", "")
		_redirected(host)
		some path in rule.http.paths
		some prefix in _left_out
		startswith(path.path, prefix)
	})
	count(places) > 0
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
	not nginx.key_pair_only(ref)
	annotations := input.object.metadata.annotations
	nginx.verify_client(object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-verify-client", "on")) == "on"
	not startswith(object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-match-cn", ""), "CN=")
	not nginx.canary(annotations)
	not "host" in object.get(input, "truncated", [])
	not "wildcard" in object.get(input, "truncated", [])
}

# Where ssl-redirect is off.
_off(_) := {"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/ssl-redirect"], "message": "ssl-redirect is off"} if {
	nginx.switched("ssl-redirect")
	not nginx.switched_on("ssl-redirect")
}

_off(ref) := {
	"path": ref.path,
	"message": sprintf("ssl-redirect is off for the whole controller (%s)", [_controller["ssl-redirect"].reason]),
} if {
	not nginx.switched("ssl-redirect")
	not nginx.switched_on("ssl-redirect")
}

# What the lack of force-ssl-redirect rests on.
_unforced := "force-ssl-redirect is off" if nginx.switched("force-ssl-redirect")

_unforced := sprintf("force-ssl-redirect is not set here, nor for the whole controller (%s)", [reason]) if {
	not nginx.switched("force-ssl-redirect")
	reason := _controller["force-ssl-redirect"].reason
}

_redirected(_) if nginx.switched_on("force-ssl-redirect")

_redirected(host) if {
	nginx.switched_on("ssl-redirect")
	_certificate(host)
}

_controller := input.settings["ingress-nginx"]

# Challenges of ACME, which are there by default, lead to no backend that anybody guards.
_left_out := {prefix |
	some item in split(_controller["no-tls-redirect-locations"].value, ",")
	prefix := trim(item, " ")
	prefix != ""
	not startswith(prefix, "/.well-known/acme-challenge")
}

# Challenges of ACME are answered on port 80, and never redirected.
_served := {object.get(rule, "host", "") |
	some rule in input.object.spec.rules
	some path in rule.http.paths
	not startswith(object.get(path, "path", "/"), "/.well-known/acme-challenge/")
}

_some_without_certificate if {
	some rule in input.object.spec.rules
	not _certificate(object.get(rule, "host", ""))
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
