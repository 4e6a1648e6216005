# METADATA
# title: CA bundle holds no root
# description: |
#   No certificate of the bundle is self-signed: it holds intermediate CAs only, or a certificate that is no CA. nginx
#   accepts a chain only if it ends at a self-signed certificate of the bundle, and no setting changes that. So **every
#   certificate is refused**: clients get 400, requests to backends 502. The log speaks of "unable to get issuer
#   certificate" or "unable to get local issuer certificate".
#
#   Controllers written in Go, Traefik among them, accept such a bundle, so that it often comes from there.
# related_resources:
#   - description: OpenSSL, how a chain is built
#     ref: https://docs.openssl.org/3.0/man1/openssl-verification-options/
#   - description: Partial chains were asked for, and never added
#     ref: https://github.com/kubernetes/ingress-nginx/issues/4496
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   blames: target
#   since: v0.1.0
package policies["ingress-nginx"]["ca-bundle-without-root"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("ca.crt of %s holds no root, only %s, and nginx accepts no chain that does not end at one", [ref.label, text.list(names)]),
	"effect": effect,
	"remedy": "add the self-signed root above it to ca.crt",
} if {
	some role, effect in _effects
	some ref in input.refs[role]
	count(ref.trust.certificates) > 0
	not _leads_to_root(ref.trust)
	ref.in_force
	nginx.loaded(ref)
	not nginx.being_made(ref)
	names := [input.certificates[hash].subject | some hash in ref.content.certificates]
}

# A certificate without a way to a root has no number of hops.
_leads_to_root(trust) if {
	some certificate in trust.certificates
	certificate.hops >= 0
}

_effects := {
	"client-ca": "every client certificate that is checked by it is refused with 400",
	"upstream-ca": "every request to backends that are checked by it gets 502",
}
