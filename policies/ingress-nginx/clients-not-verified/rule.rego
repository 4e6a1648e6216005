# METADATA
# title: Client certificates are not verified
# description: |
#   There is a client CA, and a mode that does not hold clients to it.
#
#   - `optional_no_ca` takes **any certificate, whoever made it**, and none at all. Together with `auth-tls-match-cn` that is an
#     open door: whoever writes the right name into a certificate of their own is let in, hence an error. Where
#     `auth-tls-pass-certificate-to-upstream` hands the certificate on, the backend can judge it, as OAuth servers do for
#     certificates that clients sign themselves: a note.
#   - `optional` lets in who shows no certificate. The backend must look at the header `ssl-client-verify`: a note.
#   - `off` asks nobody. It is a switch with a plain name, used while clients are being fitted out with certificates or
#     where a chart knows both states: a note, so that it is not forgotten. With `auth-tls-match-cn` beside it, though,
#     **every request gets 403**, as nobody has a name that could match: an error.
# related_resources:
#   - description: ingress-nginx, client certificate authentication
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#client-certificate-authentication
#   - description: nginx, ssl_verify_client
#     ref: https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_verify_client
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"]'
#   since: v0.1.0
package policies["ingress-nginx"]["clients-not-verified"]

import data.lib.nginx
import data.lib.text

findings contains object.union(
	{"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-verify-client"]},
	_verdict(mode, _matches, text.hosts(input.object)),
) if {
	mode := nginx.verify_client(input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"])
	mode != "on"
	some ref in input.refs["client-ca"]

	# Without a Secret the host is closed, whatever the mode.
	ref.presence != "absent"
}

# What does not start with CN= is refused before it matches anything (annotations/parser/validators.go).
default _matches := false

_matches if startswith(input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-match-cn"], "CN=")

_verdict("off", true, hosts) := {
	"message": "auth-tls-match-cn compares the name in a certificate that nobody is asked for (auth-tls-verify-client is off)",
	"effect": sprintf("every request to %s gets 403", [hosts]),
	"remedy": "set auth-tls-verify-client to \"on\", or remove auth-tls-match-cn",
}

_verdict("off", false, hosts) := {
	"message": "auth-tls-verify-client is off",
	"effect": sprintf("clients of %s are not asked for a certificate", [hosts]),
	"remedy": "set it to \"on\" when all clients have certificates, or remove auth-tls-*",
	"severity": "info",
}

_verdict("optional_no_ca", true, hosts) := {
	"message": "auth-tls-match-cn trusts the name in a certificate whose issuer nobody checks (auth-tls-verify-client is optional_no_ca)",
	"effect": sprintf("whoever makes a certificate with the right name gets into %s", [hosts]),
	"remedy": "set auth-tls-verify-client to \"on\"",
}

_verdict("optional_no_ca", false, hosts) := {
	"message": "auth-tls-verify-client is optional_no_ca, and certificates of any issuer are taken",
	"effect": sprintf("requests to %s reach the backend with a certificate that anybody made, or with none", [hosts]),
	"remedy": "set it to \"on\", or have the backend judge certificates (auth-tls-pass-certificate-to-upstream)",
	"severity": _unless_passed_on,
}

_verdict("optional", false, hosts) := {
	"message": "auth-tls-verify-client is optional",
	"effect": sprintf("requests to %s without a certificate reach the backend, which must look at ssl-client-verify", [hosts]),
	"remedy": "set it to \"on\" if every client has a certificate",
	"severity": "info",
}

default _unless_passed_on := "warning"

_unless_passed_on := "info" if {
	input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream"] in nginx.truth
}
