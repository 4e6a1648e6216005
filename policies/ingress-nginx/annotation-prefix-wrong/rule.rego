# METADATA
# title: TLS annotation under a prefix that ingress-nginx does not read
# description: |
#   ingress-nginx reads `nginx.ingress.kubernetes.io/` and nothing else, unless it runs with `--annotations-prefix`. The same
#   name under `ingress.kubernetes.io/`, as in releases before 0.9, or under a prefix like it **does nothing**, and so do the
#   annotations of F5's controller, `nginx.org/`.
#
#   An annotation that stands there under the right prefix too is left alone: charts for several controllers write both. Turn the
#   rule off if the controller runs with `--annotations-prefix`.
# related_resources:
#   - description: ingress-nginx, annotations
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
#   - description: Two controllers named nginx, and annotations of one on the other
#     ref: https://github.com/kubernetes/ingress-nginx/issues/9303
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["ingress.kubernetes.io/"*]'
#     - 'metadata.annotations["ingress.nginx.kubernetes.io/"*]'
#     - 'metadata.annotations["nginx.ingress.io/"*]'
#     - 'metadata.annotations["nginx.ingress.k8s.io/"*]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.com/"*]'
#     - 'metadata.annotations["nginx.kubernetes.io/"*]'
#     - 'metadata.annotations["nginx.org/"*]'
#   since: v0.1.0
package policies["ingress-nginx"]["annotation-prefix-wrong"]

import data.lib.text

findings contains object.union(
	{
		"path": ["metadata", "annotations", key],
		"message": sprintf("ingress-nginx reads nginx.ingress.kubernetes.io/%s, and not %s", [name, key]),
		"effect": sprintf(meaning.effect, [text.hosts(input.object)]),
		"remedy": sprintf("rename it to nginx.ingress.kubernetes.io/%s, or remove it", [name]),
		"severity": meaning.severity,
	},
	_fix(key, meant),
) if {
	some key, value in input.object.metadata.annotations
	[prefix, name] := split(key, "/")
	prefix in _prefixes
	meaning := _meanings[name]
	not trim_space(value) in {"", "false", "off"}
	meant := sprintf("nginx.ingress.kubernetes.io/%s", [name])
	not input.object.metadata.annotations[meant]
}

# F5's controller has names of its own.
findings contains {
	"path": ["metadata", "annotations", key],
	"message": sprintf("%s is read by F5's NGINX Ingress Controller, and not by ingress-nginx", [key]),
	"effect": sprintf(foreign.effect, [text.hosts(input.object)]),
	"remedy": sprintf("set nginx.ingress.kubernetes.io/%s instead, or remove it", [foreign.successor]),
	"severity": foreign.severity,
} if {
	not input.controllers["f5-nginx"]
	some key, foreign in _foreign
	value := input.object.metadata.annotations[key]
	not trim_space(value) in {"", "false", "False"}
	not input.object.metadata.annotations[sprintf("nginx.ingress.kubernetes.io/%s", [foreign.successor])]
}

# The prefix of old releases, and what people write for the right one.
_prefixes := {
	"ingress.kubernetes.io",
	"ingress.nginx.kubernetes.io",
	"nginx.ingress.io",
	"nginx.ingress.k8s.io",
	"nginx.ingress.kubernetes.com",
	"nginx.kubernetes.io",
	"nginx.org",
}

_meanings := {
	"auth-tls-secret": {"effect": "clients of %s are not asked for a certificate", "severity": "error"},
	"auth-tls-match-cn": {"effect": "any certificate of the CA is let in to %s, whatever its name", "severity": "error"},
	"proxy-ssl-secret": {"effect": "the certificates of the backends of %s are not verified", "severity": "error"},
	"proxy-ssl-verify": {"effect": "the certificates of the backends of %s are not verified", "severity": "error"},
	"secure-verify-ca-secret": {"effect": "the certificates of the backends of %s are not verified", "severity": "warning"},
	"backend-protocol": {"effect": "requests to %s go on to the backend in plain HTTP", "severity": "warning"},
	"ssl-passthrough": {"effect": "nginx ends TLS for %s, with the certificate it has", "severity": "warning"},
	"ssl-ciphers": {"effect": "%s keep the ciphers of the controller", "severity": "warning"},
}

_foreign := {
	"nginx.org/ssl-services": {
		"effect": "requests to %s go on to the backend in plain HTTP",
		"successor": "backend-protocol",
		"severity": "warning",
	},
	"nginx.org/redirect-to-https": {
		"effect": "requests to %s in plain HTTP are redirected only if the Ingress has spec.tls",
		"successor": "force-ssl-redirect",
		"severity": "info",
	},
}

# To rename it puts it in force, which is more than a matter of spelling. An annotation of that value must mean the same there.
_fix(key, meant) := {"fix": {
	"title": sprintf("rename it to %s", [meant]),
	"safe": false,
	"edits": [{"op": "rename", "path": ["metadata", "annotations", key], "value": meant}],
}} if {
	not endswith(key, "/secure-verify-ca-secret")
}

_fix(key, _) := {} if endswith(key, "/secure-verify-ca-secret")
