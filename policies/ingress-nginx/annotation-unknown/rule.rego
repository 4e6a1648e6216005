# METADATA
# title: TLS annotation that ingress-nginx does not know
# description: |
#   ingress-nginx reads annotations by their full name. One that is misspelt, that a release has removed, or that exists only
#   in the controller's ConfigMap, **does nothing, and nobody says so**: no Event, no line in the log. With `auth-tls-secret`
#   misspelt, the host asks nobody for a certificate.
#
#   The rule speaks of names within two letters of an annotation about TLS, of those that were removed
#   (`secure-backends`, `grpc-backend`, `secure-verify-ca-secret`), and of settings of the ConfigMap about TLS. Turn it off if
#   the controller is a fork that reads more.
#
#   A misspelt name can be any name, so that the webhook is called for every Ingress with an annotation of ingress-nginx. Most of them
#   it sees anyway, for their `spec.tls`, and Ingresses are written seldom.
# related_resources:
#   - description: ingress-nginx, every annotation
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/docs/user-guide/nginx-configuration/annotations-risk.md
#   - description: secure-backends and grpc-backend were removed
#     ref: https://github.com/kubernetes/ingress-nginx/pull/3203
#   - description: secure-verify-ca-secret was removed
#     ref: https://github.com/kubernetes/ingress-nginx/pull/4695
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/"*]'
#   since: v0.1.0
package policies["ingress-nginx"]["annotation-unknown"]

import data.lib.text

# Misspelt.
findings contains object.union(
	{
		"path": unread.path,
		"message": sprintf("ingress-nginx knows no annotation %s; %s was perhaps meant", [unread.name, unread.near]),
		"remedy": sprintf("rename it to %s, or remove it", [meant]),
	},
	object.union(_outcome(unread.near), _fix(unread, meant)),
) if {
	some unread in input.unread
	unread.controller == "ingress-nginx"
	_about_tls(unread.near)
	_set(unread)
	meant := sprintf("nginx.ingress.kubernetes.io/%s", [unread.near])
}

# Removed.
findings contains {
	"path": unread.path,
	"message": sprintf("ingress-nginx removed the annotation %s in %s", [unread.name, removed.release]),
	"effect": sprintf(removed.effect, [text.hosts(input.object)]),
	"remedy": removed.remedy,
	"severity": removed.severity,
} if {
	some unread in input.unread
	unread.controller == "ingress-nginx"
	removed := _removed[unread.name]
	not input.object.metadata.annotations[unread.path[2]] in {"", "0", "f", "F", "FALSE", "false", "False"}
	not input.object.metadata.annotations[removed.successor]
}

# Of the ConfigMap.
findings contains {
	"path": unread.path,
	"message": sprintf("%s is a setting of the whole controller, in its ConfigMap, and no annotation", [unread.name]),
	"effect": sprintf("what the ConfigMap says holds for %s", [text.hosts(input.object)]),
	"remedy": "set it in the controller's ConfigMap, or remove the annotation",
	"severity": "warning",
} if {
	some unread in input.unread
	unread.controller == "ingress-nginx"
	unread.name in _of_the_configmap
	_set(unread)
}

_about_tls(name) if startswith(name, "auth-tls-")

_about_tls(name) if startswith(name, "proxy-ssl-")

_about_tls(name) if name in {
	"backend-protocol", "force-ssl-redirect", "ssl-ciphers", "ssl-passthrough", "ssl-prefer-server-ciphers", "ssl-redirect",
}

# A chart's value that nobody set asks for nothing, spelt right or not.
_set(unread) if trim_space(input.object.metadata.annotations[unread.path[2]]) != ""

# What protects something, and is lost.
_lost := {
	"auth-tls-secret": "clients of %s are not asked for a certificate",
	"auth-tls-match-cn": "any certificate of the CA is let in to %s, whatever its name",
	"proxy-ssl-secret": "the certificates of the backends of %s are not verified",
	"proxy-ssl-verify": "the certificates of the backends of %s are not verified",
	"backend-protocol": "requests to %s go on to the backend in plain HTTP",
	"force-ssl-redirect": "requests to %s in plain HTTP are answered, and not redirected",
}

_outcome(name) := {"effect": sprintf(_lost[name], [text.hosts(input.object)])}

_outcome(name) := {
	"effect": sprintf("the default of %s holds for %s", [name, text.hosts(input.object)]),
	"severity": "warning",
} if {
	not _lost[name]
}

# To rename it puts it in force, which is more than a matter of spelling.
_fix(unread, meant) := {"fix": {
	"title": sprintf("rename it to %s", [meant]),
	"safe": false,
	"edits": [{"op": "rename", "path": unread.path, "value": meant}],
}} if {
	not input.object.metadata.annotations[meant]
}

_fix(_, meant) := {} if input.object.metadata.annotations[meant]

_removed := {
	"secure-backends": {
		"release": "0.21.0",
		"successor": "nginx.ingress.kubernetes.io/backend-protocol",
		"effect": "requests to %s go on to the backend in plain HTTP",
		"remedy": "set backend-protocol to HTTPS instead",
		"severity": "error",
	},
	"grpc-backend": {
		"release": "0.21.0",
		"successor": "nginx.ingress.kubernetes.io/backend-protocol",
		"effect": "requests to %s go on to the backend in plain HTTP/1.1",
		"remedy": "set backend-protocol to GRPC or GRPCS instead",
		"severity": "warning",
	},
	"secure-verify-ca-secret": {
		"release": "0.27.0",
		"successor": "nginx.ingress.kubernetes.io/proxy-ssl-secret",
		"effect": "the certificates of the backends of %s are not verified",
		"remedy": "set proxy-ssl-secret, proxy-ssl-verify and proxy-ssl-name instead",
		"severity": "error",
	},
}

# docs/user-guide/nginx-configuration/configmap.md
_of_the_configmap := {
	"hsts", "hsts-include-subdomains", "hsts-max-age", "hsts-preload", "no-tls-redirect-locations",
	"proxy-ssl-location-only", "ssl-buffer-size", "ssl-dh-param", "ssl-early-data", "ssl-ecdh-curve", "ssl-protocols",
	"ssl-reject-handshake", "ssl-session-cache", "ssl-session-cache-size", "ssl-session-ticket-key", "ssl-session-tickets",
	"ssl-session-timeout",
}
