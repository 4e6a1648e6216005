# METADATA
# title: Verify mode is unknown
# description: |
#   `auth-tls-verify-client` knows `on`, `off`, `optional` and `optional_no_ca`, in lower case. Of anything else ingress-nginx
#   silently makes `on`: who wrote `Optional`, or `false`, finds **every client without a certificate refused with 400**.
#   Nothing is opened by it. What means `on` anyway, such as `true`, is a note.
#
#   A value in upper case is put into lower case by `--fix`, unless less would then be asked of clients than is now.
# related_resources:
#   - description: ingress-nginx, internal/ingress/annotations/authtls/main.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/annotations/authtls/main.go
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"]'
#   since: v0.1.0
package policies["ingress-nginx"]["verify-client-unknown-value"]

import data.lib.text

findings contains object.union_n([
	{
		"path": _path,
		"message": sprintf("auth-tls-verify-client knows no %q, and ingress-nginx takes \"on\" instead", [value]),
		"remedy": "write on, off, optional or optional_no_ca, in quotes",
	},
	_weight(_meant(value)),
	_fix(_meant(value)),
]) if {
	count(input.refs["client-ca"]) > 0
	value := input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"]
	is_string(value)
	not text.unfilled(value)

	# Blank is not set, and spaces around a value are taken off.
	not trim(value, " ") in {"", "on", "off", "optional", "optional_no_ca"}
}

_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-verify-client"]

default _meant(_) := ""

_meant(value) := lower(trim_space(value)) if lower(trim_space(value)) in {"on", "off", "optional", "optional_no_ca"}

_meant(value) := "on" if lower(trim_space(value)) in {"true", "yes", "1", "required", "require", "enabled"}

_weight("on") := {"severity": "info"}

_weight(meant) := {"effect": sprintf("every client of %s without a certificate gets 400", [text.hosts(input.object)])} if {
	meant != "on"
}

_fix("") := {}

_fix(meant) := {"fix": {
	"title": sprintf("write %q", [meant]),
	"safe": meant == "on",
	"edits": [{"op": "set", "path": _path, "value": meant}],
}} if {
	meant != ""
}
