# METADATA
# title: Client CA is blank
# description: |
#   `auth-tls-secret` is there, but empty, while other `auth-tls-*` ask for client certificates. Of an empty value
#   ingress-nginx makes none and ignores all of `auth-tls-*`, **without an Event or a line in the log**: requests reach the
#   backend with no certificate asked for. Typical cause: a value that a Helm chart was not given.
#
#   Where everything is left blank, or `auth-tls-verify-client` is `off`, nobody meant to ask for certificates, and nothing is
#   reported. Options that only say what becomes of certificates are a warning; a blank CA all by itself is a note. Nothing is reported either where
#   another Ingress of each host names a CA: the host is protected by that one.
# related_resources:
#   - description: ingress-nginx, how annotations are read (parseString)
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/annotations/parser/main.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["client-ca-blank"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ["metadata", "annotations", _secret],
	"message": sprintf("auth-tls-secret is blank, and ingress-nginx then ignores %s", [text.list(options)]),
	"effect": sprintf("requests to %s reach the backend without a client certificate", [text.list(hosts)]),
	"remedy": "name the Secret with the CA as <namespace>/<name>, or remove auth-tls-* if nobody is to show a certificate",
	"severity": nginx.option_severity(options),
} if {
	_blank(input.object.metadata.annotations[_secret])
	options := nginx.asking_options(input.object.metadata.annotations)
	count(options) > 0
	hosts := _open
	count(hosts) > 0
}

# A blank among blanks was left so on purpose; one by itself was perhaps forgotten.
findings contains {
	"path": ["metadata", "annotations", _secret],
	"message": "auth-tls-secret is blank, which ingress-nginx takes for none",
	"effect": sprintf("clients of %s are not asked for a certificate", [text.list(hosts)]),
	"remedy": "remove it, or name the Secret with the CA as <namespace>/<name>",
	"severity": "info",
} if {
	_blank(input.object.metadata.annotations[_secret])
	count(nginx.asking_options(input.object.metadata.annotations)) == 0
	not _left_out
	hosts := _open
	count(hosts) > 0
}

_secret := "nginx.ingress.kubernetes.io/auth-tls-secret"

_mode := "nginx.ingress.kubernetes.io/auth-tls-verify-client"

# Spaces are taken off before a value is looked at. Any other white space is refused (annotations/parser/validators.go).
_blank(value) if trim(value, " ") == ""

_left_out if trim(input.object.metadata.annotations[_mode], " ") in {"", "off"}

_open := nginx.without_client_ca(input.object, object.get(input, ["peers", "host"], []))
