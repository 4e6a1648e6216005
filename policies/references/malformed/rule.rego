# METADATA
# title: Reference is written wrongly
# description: |
#   A field that is to name an object as `namespace/name` is written in a way that names none: without a slash, with two, or
#   with blanks. What the controller makes of it differs. ingress-nginx answers **403 to every request of the host** for a
#   client CA, and 503 to the paths of the Ingress for an upstream CA. An Ingress with a line break, a tab or another
#   character that no name has in the value it does not load at all. Spaces around the value it takes off: a warning, as other
#   controllers may not. A value of spaces alone it takes for none, so that **nothing is verified**.
# related_resources:
#   - description: ingress-nginx, client certificate authentication
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#client-certificate-authentication
#   - description: What the format of auth-tls-secret is
#     ref: https://github.com/kubernetes/ingress-nginx/issues/3292
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   since: v0.1.0
package policies.references.malformed

import data.lib.text

findings contains object.union_n([
	{
		"path": field.path,
		"message": sprintf("%s must be written as %s, got %q", [field.title, field.want, field.text]),
		"remedy": "write it as <namespace>/<name>",
	},
	_effect(role, _fate(field.text)),
	_fix(field),
]) if {
	some role
	some field in input.malformed[role]
	field.want == "namespace/name"
	_matters(field)

	# Of a blank client CA, ingress-nginx/client-ca-blank speaks.
	not _blank_client_ca(role, field.text)

	# Of what is no text, manifests/wrong-type speaks.
	is_string(object.get(input.object, field.path, null))
}

_blank_client_ca("client-ca", written) if trim(written, " ") == ""

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

_fate(written) := "trimmed" if regex.match(`^[A-Za-z0-9._~:-]+/[A-Za-z0-9._~:-]+$`, trim(written, " "))

_fate(written) := "denied" if {
	trim(written, " ") != ""
	regex.match(`^[A-Za-z0-9._~/: -]*$`, written)
	not regex.match(`^[A-Za-z0-9._~:-]+/[A-Za-z0-9._~:-]+$`, trim(written, " "))
}

_effect(role, _) := {} if not role in {"client-ca", "upstream-ca"}

_effect(role, "trimmed") := {"severity": "warning"} if role in {"client-ca", "upstream-ca"}

_effect(role, "refused") := {"effect": "ingress-nginx does not load this Ingress, or serves what it was before"} if {
	role in {"client-ca", "upstream-ca"}
}

_effect("client-ca", "denied") := {"effect": sprintf("every request to %s gets 403", [text.hosts(input.object)])}

_effect("upstream-ca", "denied") := {"effect": "every request to the paths of this Ingress gets 503"}

_effect("upstream-ca", "ignored") := {"effect": "no certificate of the backends of this Ingress is verified"}

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
