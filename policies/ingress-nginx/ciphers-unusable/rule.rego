# METADATA
# title: Cipher list that OpenSSL refuses
# description: |
#   `ssl-ciphers` and `proxy-ssl-ciphers` go into the configuration of nginx as they are. OpenSSL passes over a name that it does
#   not know, and fails where **no cipher of TLS 1.2 or below is left**: names in lower case, those of the RFCs
#   (`TLS_ECDHE_RSA_WITH_...`), only ciphers of TLS 1.3, or only ciphers that OpenSSL 3 no longer has. A blank in the list makes
#   two arguments of it. nginx then **refuses its whole configuration: no Ingress of the cluster is reloaded** until it is
#   mended, and a new controller pod does not start serving; the controller's webhook admits it.
#
#   The ciphers of TLS 1.3 cannot be chosen by an annotation.
# related_resources:
#   - description: nginx, ssl_ciphers
#     ref: https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_ciphers
#   - description: OpenSSL, names and form of cipher lists
#     ref: https://docs.openssl.org/3.0/man1/openssl-ciphers/
#   - description: Since CVE-2025-1974 the webhook admits what then fails every reload
#     ref: https://github.com/kubernetes/ingress-nginx/issues/13152
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-ciphers"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-ciphers"]'
#   since: v0.1.0
package policies["ingress-nginx"]["ciphers-unusable"]

import data.lib.nginx
import data.lib.openssl

findings contains {
	"path": ["metadata", "annotations", annotation],
	"message": message,
	"effect": "no Ingress of this controller is reloaded any more",
	"remedy": "name ciphers as OpenSSL does, such as ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
} if {
	some annotation in [
		"nginx.ingress.kubernetes.io/ssl-ciphers",
		"nginx.ingress.kubernetes.io/proxy-ssl-ciphers",
	]
	list := trim_space(input.object.metadata.annotations[annotation])
	list != ""

	# What holds other characters never gets as far as nginx.
	regex.match(`^([A-Za-z0-9!:+_ -]|@STRENGTH|@SECLEVEL=[0-5])*$`, list)
	_written(annotation, list)
	message := _refusal(list)
}

# A canary's ciphers are ignored.
_written("nginx.ingress.kubernetes.io/ssl-ciphers", _) if {
	not nginx.canary(input.object.metadata.annotations)
}

# Those for backends are written only beside a CA, and are the default if they hold an @.
_written("nginx.ingress.kubernetes.io/proxy-ssl-ciphers", list) if {
	not contains(list, "@")
	some ref in input.refs["upstream-ca"]
	ref.presence in {"present", "promised"}
	ref.key_presence != "absent"
}

_refusal(list) := sprintf("a blank ends what nginx takes for the list of ciphers %q", [list]) if contains(list, " ")

_refusal(list) := sprintf("OpenSSL has no cipher of TLS 1.2 or below in the list %q", [list]) if {
	not contains(list, " ")
	not openssl.selects(list)
}
