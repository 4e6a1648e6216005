# METADATA
# title: Revocation list has expired
# description: |
#   The next update of a revocation list in `ca.crl` is past. nginx knows no grace: **every client of that CA gets
#   400**, revoked or not, and if it is the list of a root, every client under that root. The log says "CRL has
#   expired".
#
#   A list must be renewed on time, by a job that writes the Secret; in a file under version control it expires sooner
#   or later.
# related_resources:
#   - description: ingress-nginx, rootfs/etc/nginx/template/nginx.tmpl
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/rootfs/etc/nginx/template/nginx.tmpl
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   blames: target
#   since: v0.1.0
package policies["ingress-nginx"]["crl-expired"]

import data.lib.nginx

findings contains {
	"path": ref.path,
	"key": ref.revocation.key,
	"message": sprintf("the revocation list of %s in %s of %s expired on %s", [list.issuer, ref.revocation.key, ref.label, substring(list.next_update, 0, 10)]),
	"effect": sprintf("every client certificate under %s is refused with 400", [list.issuer]),
	"remedy": "fetch the list that the CA publishes now, and have a job keep it up to date",
} if {
	some ref in input.refs["client-ca"]
	some list in ref.revocation.lists
	list.next_update < input.now
	not list.partial
	not _renewed(list, ref.revocation.lists)
	ref.in_force
	nginx.loaded(ref)
	some certificate in ref.trust.certificates
	input.certificates[certificate.hash].subject == list.issuer
}

# Of several lists of one CA nginx takes one that is valid.
_renewed(expired, lists) if {
	some list in lists
	list.issuer == expired.issuer
	object.get(list, "next_update", input.now) >= input.now
}
