# METADATA
# title: Reference is written wrongly
# description: |
#   A field that is to name an object as `namespace/name` is written in a way that names none: without a slash, with two, or
#   with characters that no name has, as a placeholder such as `<namespace>/<secret>` has that was never filled in. What the
#   controller makes of it differs. ingress-nginx answers **403 to every request of the host** for a client CA, and 503 to
#   the paths of the Ingress for an upstream CA. A value of spaces alone it takes for none, so that **nothing is verified**.
#   An Ingress with some characters in the value, line breaks among them, it does not load at all, of which
#   `ingress-nginx/annotation-value-refused` speaks.
#
#   Spaces around the value ingress-nginx takes off: a note. What other controllers do with them is not known, which is a warning.
# related_resources:
#   - description: ingress-nginx, client certificate authentication
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#client-certificate-authentication
#   - description: What the format of auth-tls-secret is
#     ref: https://github.com/kubernetes/ingress-nginx/issues/3292
#   - description: ingress-nginx, how annotations are read (parseString)
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/internal/ingress/annotations/parser/main.go
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   since: v0.1.0
package policies.references.malformed

import data.lib.text

findings contains object.union_n([
	_saying(field),
	{"path": field.path},
	_effect(role, _fate(field.text)),
	_fix(field),
]) if {
	some role
	some field in input.malformed[role]
	field.want == "namespace/name"
	_matters(field)

	# Of a blank client CA, ingress-nginx/client-ca-blank speaks.
	not _blank_client_ca(role, field.text)
	not _dropped(role, field.text)

	# Of what is no text, manifests/wrong-type speaks.
	is_string(object.get(input.object, field.path, null))
}

_saying(field) := {
	"message": sprintf("%s must be written as %s, got %q", [field.title, field.want, field.text]),
	"remedy": "write the namespace and the name with a slash between them, as in shop/client-ca",
} if {
	_fate(field.text) != "trimmed"
}

_saying(field) := {
	"message": sprintf("%s has spaces around it, %q%s", [field.title, field.text, _spaces]),
	"remedy": "remove the spaces",
	"severity": _severity,
} if {
	_fate(field.text) == "trimmed"
}

default _spaces := ""

_spaces := ", which ingress-nginx takes off" if input.controllers["ingress-nginx"]

default _severity := "warning"

_severity := "info" if {
	input.controllers["ingress-nginx"]
	count(input.controllers) == 1
}

_blank_client_ca("client-ca", written) if trim(written, " ") == ""

# The Ingress is not loaded, of which ingress-nginx/annotation-value-refused speaks.
_dropped(role, written) if {
	_fate(written) == "refused"
	role in {"client-ca", "upstream-ca"}
	input.controllers["ingress-nginx"]
}

# A value of blanks alone switches off what may be off anyway; the others are refused before the mode is read.
_matters(field) if field.in_force

_matters(field) if _fate(field.text) != "ignored"

# What ingress-nginx makes of the Ingress (internal/ingress/annotations/parser, authtls and proxyssl). It looks for odd
# characters with the spaces left out, and at the rest with those around it taken off.
_fate(written) := "ignored" if trim(written, " ") == ""

_fate(written) := "refused" if {
	trim(written, " ") != ""
	not regex.match(`^[A-Za-z0-9._~/: -]*$`, written)
}

_fate(written) := "trimmed" if regex.match(`^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$`, trim(written, " "))

_fate(written) := "denied" if {
	trim(written, " ") != ""
	regex.match(`^[A-Za-z0-9._~/: -]*$`, written)
	not regex.match(`^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$`, trim(written, " "))
}

default _effect(_, _) := {}

_effect("client-ca", "denied") := {"effect": sprintf("every request to %s gets 403", [text.hosts(input.object)])} if {
	input.controllers["ingress-nginx"]
}

_effect("upstream-ca", "denied") := {"effect": "every request to the paths of this Ingress gets 503"} if {
	input.controllers["ingress-nginx"]
}

_effect("upstream-ca", "ignored") := {"effect": "no certificate of the backends of this Ingress is verified"} if {
	input.controllers["ingress-nginx"]
}

# The namespace was perhaps left out; that it is the object's own is a guess. Spaces are none.
_fix(field) := {"fix": {
	"title": sprintf("write %q", [meant]),
	"safe": contains(field.text, "/"),
	"edits": [{"op": "set", "path": field.path, "value": meant}],
}} if {
	meant := _meant(field.text)
}

_fix(field) := {} if not _meant(field.text)

_meant(written) := sprintf("%s/%s", [input.id.namespace, trim_space(written)]) if {
	regex.match(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`, trim_space(written))
	input.id.namespace != ""
}

_meant(written) := trim(written, " ") if _fate(written) == "trimmed"
