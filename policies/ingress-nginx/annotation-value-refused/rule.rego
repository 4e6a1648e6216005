# METADATA
# title: Annotation value for which ingress-nginx drops the Ingress
# description: |
#   Most bad values ingress-nginx replaces by a default. For these it gives up on the whole Ingress: **a new one is not
#   served at all, and a changed one goes on as it was before**, with a line in the log. `ssl-passthrough` and
#   `auth-tls-pass-certificate-to-upstream` must be a boolean as Go writes them (`yes` and `on` are none), `auth-tls-match-cn` must begin with
#   `CN=` and be a regular expression, and Secrets, error pages, aliases and ciphers may hold only certain characters. The controller's
#   own webhook, where it runs, refuses such an Ingress.
#
#   A controller with `--enable-annotation-validation=false` takes all of them. Where that flag is not in sight, say it in the config:
#   `controllers: {settings: {ingress-nginx: {enable-annotation-validation: "false"}}}`.
# related_resources:
#   - description: ingress-nginx, what each annotation must look like
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/internal/ingress/annotations/authtls/main.go
#   - description: ingress-nginx, what happens to an Ingress with such a value
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/internal/ingress/annotations/annotations.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-passthrough"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-ciphers"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/server-alias"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["annotation-value-refused"]

import data.lib.text

findings contains object.union(
	{
		"path": entry.path,
		"message": sprintf("ingress-nginx refuses %q here: it wants %s", [value, entry.want]),
		"effect": sprintf("ingress-nginx serves nothing of this Ingress at %s, or what it last accepted", [text.hosts(input.object)]),
		"remedy": sprintf("write %s", [entry.want]),
	},
	_fix(entry.path[2], value),
) if {
	some entry in input.refused
	entry.reason == "value"
	value := input.object.metadata.annotations[entry.path[2]]
	_read(entry)
}

_read(entry) if not entry.after

_read(entry) if {
	some ref in input.refs[entry.after]
	ref.presence != "absent"
}

# What was meant by an on or a yes is plain; whether it should be is not.
_fix(annotation, value) := {"fix": {
	"title": sprintf("set it to %q", [_meant[lower(trim_space(value))]]),
	"safe": false,
	"edits": [{"op": "set", "path": ["metadata", "annotations", annotation], "value": _meant[lower(trim_space(value))]}],
}} if {
	_meant[lower(trim_space(value))]
}

_fix(_, value) := {} if not _meant[lower(trim_space(value))]

_meant := {"on": "true", "yes": "true", "true": "true", "enabled": "true", "off": "false", "no": "false", "false": "false", "disabled": "false"}
