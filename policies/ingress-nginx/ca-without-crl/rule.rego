# METADATA
# title: Revocation list of a CA is missing
# description: |
#   With a `ca.crl` nginx wants a revocation list of **every CA on the way to the root**, the root included. One that
#   has none has all its certificates refused: clients get 400, and the log says "unable to get certificate CRL". Lists
#   of the root alone are the usual mistake, where clients have certificates from an intermediate CA.
#
#   It is an error where no root has a list, since then nobody is let in, and a warning otherwise.
# related_resources:
#   - description: ingress-nginx, rootfs/etc/nginx/template/nginx.tmpl
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/rootfs/etc/nginx/template/nginx.tmpl
#   - description: Revocation lists of a chain
#     ref: https://github.com/kubernetes/ingress-nginx/issues/3420
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   blames: target
#   since: v0.1.0
package policies["ingress-nginx"]["ca-without-crl"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ref.path,
	"key": ref.revocation.key,
	"message": sprintf("%s of %s holds no revocation list of %s, and nginx wants one of each CA", [ref.revocation.key, ref.label, text.list(names)]),
	"effect": {true: "every client certificate is refused with 400", false: sprintf("client certificates under %s are refused with 400", [names[0]])}[nobody],
	"remedy": sprintf("add the lists that are missing to %s", [ref.revocation.key]),
	"severity": {true: "error", false: "warning"}[nobody],
} if {
	some ref in input.refs["client-ca"]
	count(ref.revocation.unlisted) > 0
	ref.in_force
	nginx.loaded(ref)
	ref.revocation.openssl == "accepted"

	# A list of some certificates only may be enough.
	count([list | some list in ref.revocation.lists; list.partial]) == 0
	names := [input.certificates[certificate.hash].subject |
		some certificate in ref.trust.certificates
		certificate.meant
		certificate.hash in ref.revocation.unlisted
	]
	count(names) > 0
	roots := [certificate | some certificate in ref.trust.certificates; certificate.hops == 0]
	nobody := count([certificate | some certificate in roots; not certificate.hash in ref.revocation.unlisted]) == 0
}
