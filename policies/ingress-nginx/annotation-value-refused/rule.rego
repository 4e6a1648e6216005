# METADATA
# title: Annotation value for which ingress-nginx drops the Ingress
# description: |
#   Most bad values ingress-nginx replaces by a default. For these it gives up on the whole Ingress: **a new one is not
#   served at all, and a changed one goes on as it was before**, with a line in the log. `ssl-passthrough` and
#   `auth-tls-pass-certificate-to-upstream` must be a boolean as Go writes them (`yes` and `on` are none), `auth-tls-match-cn` must begin with
#   `CN=` and be a regular expression, and Secrets, error pages and ciphers may hold only certain characters. The controller's
#   own webhook, where it runs, refuses such an Ingress.
#
#   Turn the rule off if the controller runs with `--enable-annotation-validation=false`.
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
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["annotation-value-refused"]

import data.lib.nginx
import data.lib.text

findings contains object.union(
	{
		"path": ["metadata", "annotations", annotation],
		"message": sprintf("ingress-nginx refuses %q here: it wants %s", [value, want]),
		"effect": sprintf("ingress-nginx serves nothing of this Ingress at %s, or what it last accepted", [text.hosts(input.object)]),
		"remedy": sprintf("write %s", [want]),
	},
	_fix(annotation, value),
) if {
	some annotation, want in _wants
	value := input.object.metadata.annotations[annotation]
	is_string(value)
	value != ""

	# Something else fills this in before the API server sees it.
	not text.unfilled(value)
	not _accepted(annotation, value)
	_read(annotation)
}

_wants := {
	"nginx.ingress.kubernetes.io/ssl-passthrough": "\"true\" or \"false\"",
	"nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream": "\"true\" or \"false\"",
	"nginx.ingress.kubernetes.io/auth-tls-match-cn": "CN= and a regular expression",
	"nginx.ingress.kubernetes.io/auth-tls-error-page": "a URL without a query, in plain letters",
	"nginx.ingress.kubernetes.io/auth-tls-secret": "the namespace and the name of a Secret, as in shop/client-ca",
	"nginx.ingress.kubernetes.io/proxy-ssl-secret": "the namespace and the name of a Secret, as in shop/client-ca",
	"nginx.ingress.kubernetes.io/ssl-ciphers": "the names of ciphers with colons between them",
}

_accepted(annotation, value) if {
	annotation in {
		"nginx.ingress.kubernetes.io/ssl-passthrough",
		"nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream",
	}
	value in (nginx.truth | {"0", "f", "F", "FALSE", "false", "False"})
}

_accepted("nginx.ingress.kubernetes.io/auth-tls-match-cn", value) if {
	startswith(value, "CN=")
	regex.is_valid(substring(value, 3, -1))
}

_accepted("nginx.ingress.kubernetes.io/auth-tls-error-page", value) if {
	regex.match(`^(@[A-Za-z0-9_-]+|((https?://)?[A-Za-z0-9\-.]+(:\d+)?)?(/[A-Za-z0-9\-_.]+)*/?)$`, replace(value, " ", ""))
}

_accepted(annotation, value) if {
	annotation in {
		"nginx.ingress.kubernetes.io/auth-tls-secret",
		"nginx.ingress.kubernetes.io/proxy-ssl-secret",
	}
	regex.match(`^[A-Za-z0-9._~/: -]*$`, value)
}

_accepted("nginx.ingress.kubernetes.io/ssl-ciphers", value) if {
	regex.match(`^([A-Za-z0-9!:+_ -]|@STRENGTH|@SECLEVEL=[0-5])*$`, value)
}

# The settings of auth-tls are read only once there is a CA.
_read(annotation) if annotation in {
	"nginx.ingress.kubernetes.io/ssl-passthrough",
	"nginx.ingress.kubernetes.io/auth-tls-secret",
	"nginx.ingress.kubernetes.io/proxy-ssl-secret",
	"nginx.ingress.kubernetes.io/ssl-ciphers",
}

_read(annotation) if {
	annotation in {
		"nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream",
		"nginx.ingress.kubernetes.io/auth-tls-match-cn",
		"nginx.ingress.kubernetes.io/auth-tls-error-page",
	}
	some ref in input.refs["client-ca"]
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
