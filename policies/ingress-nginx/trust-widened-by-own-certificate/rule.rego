# METADATA
# title: Root in tls.crt is trusted as CA
# description: |
#   The Secret that is named for its CA holds a key pair too, and `tls.crt` contains a self-signed certificate that
#   `ca.crt` does not hold. ingress-nginx writes `tls.crt`, `tls.key` and `ca.crt` into one file, and nginx trusts all
#   that is in it: **whoever has a certificate from that root is let in**, such as every server of the company, or every
#   backend that shows one is believed.
#
#   It comes about where the chain in `tls.crt` is shipped with its root. A self-signed certificate that is no CA lets
#   in only itself, which is a warning.
# related_resources:
#   - description: ingress-nginx, internal/net/ssl/ssl.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/net/ssl/ssl.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   blames: target
#   since: v0.1.0
package policies["ingress-nginx"]["trust-widened-by-own-certificate"]

import data.lib.nginx

findings contains {
	"path": ref.path,
	"key": "tls.crt",
	"message": sprintf("tls.crt of %s contains the root %s, which nginx then trusts beside ca.crt", [ref.label, input.certificates[certificate.hash].subject]),
	"effect": effect,
	"remedy": "put ca.crt into a Secret of its own, or leave the root out of tls.crt",
	"severity": {true: "error", false: "warning"}[certificate.issues],
} if {
	some role, effect in _effects
	some ref in input.refs[role]
	some certificate in ref.trust.certificates
	certificate.widening
	ref.in_force
	ref.trust.openssl == "accepted"
	nginx.taken(ref)
	not nginx.lets_all_in(ref)
}

_effects := {
	"client-ca": "clients with a certificate that ca.crt does not vouch for are let in",
	"upstream-ca": "backends with a certificate that ca.crt does not vouch for are believed",
}
