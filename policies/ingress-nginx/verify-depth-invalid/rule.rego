# METADATA
# title: Verify depth is no usable number
# description: |
#   ingress-nginx reads the depth with Go's `Atoi` and hands it to OpenSSL as a C int. What is no number, or 0, silently
#   becomes 1. A negative number makes **nginx refuse its whole configuration: no Ingress of the cluster is reloaded** until
#   it is mended, and a new controller pod does not start serving; the controller's webhook admits it. From 2147483648 on
#   the value wraps round: all clients may be rejected, or none limited. Above 10 it limits nothing.
# related_resources:
#   - description: Since CVE-2025-1974 the webhook admits what then fails every reload
#     ref: https://github.com/kubernetes/ingress-nginx/issues/13152
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify-depth"]'
#   since: v0.1.0
package policies["ingress-nginx"]["verify-depth-invalid"]

import data.lib.nginx
import data.lib.text

findings contains object.union(
	{
		"path": ["metadata", "annotations", annotation],
		"remedy": "set a whole number from 1 to 10, in quotes",
	},
	object.union(_verdict(_whom[role], value), _fix(annotation, value)),
) if {
	some role, annotation in _depths
	count(input.refs[role]) > 0
	value := input.object.metadata.annotations[annotation]
	is_string(value)
	not text.unfilled(value)
	not regex.match(`^\+?0*([1-9]|10)$`, value)
	_counts(role, value)
}

# A depth counts only where there is a CA to verify against.
_depths := {
	"client-ca": "nginx.ingress.kubernetes.io/auth-tls-verify-depth",
	"upstream-ca": "nginx.ingress.kubernetes.io/proxy-ssl-verify-depth",
}

_whom := {"client-ca": "clients", "upstream-ca": "backends"}

# Where nothing is verified, the depth is not looked at; nginx refuses a negative one all the same.
_counts(role, _) if {
	some ref in input.refs[role]
	ref.in_force
}

_counts(_, value) if nginx.depth(value) < 0

_verdict(whom, value) := {
	"message": sprintf("the verify depth %q is no whole number above 0, and ingress-nginx takes 1 instead", [value]),
	"effect": sprintf("%s of %s with more than one intermediate are refused", [whom, text.hosts(input.object)]),
} if nginx.coerced(value)

_verdict(_, value) := {
	"message": sprintf("nginx refuses the verify depth %q, and its whole configuration with it", [value]),
	"effect": "no Ingress of this controller is reloaded any more",
} if nginx.depth(value) < 0

_verdict(_, value) := {
	"message": sprintf("the verify depth %q limits nothing: no chain is that long", [value]),
	"severity": "warning",
} if {
	nginx.depth(value) > 10
	nginx.depth(value) < _c_int
}

_verdict(whom, value) := {
	"message": sprintf("the verify depth %q does not fit a C int and wraps round in nginx", [value]),
	"effect": sprintf("%s of %s are all refused, or let in at any depth", [whom, text.hosts(input.object)]),
} if nginx.depth(value) >= _c_int

_c_int := 2147483648

_fix(annotation, value) := {"fix": {
	"title": "remove the spaces",
	"safe": true,
	"edits": [{"op": "set", "path": ["metadata", "annotations", annotation], "value": trim_space(value)}],
}} if {
	regex.match(`^([1-9]|10)$`, trim_space(value))
}

_fix(_, value) := {} if not regex.match(`^([1-9]|10)$`, trim_space(value))
