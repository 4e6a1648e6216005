# METADATA
# title: Revocation lists cannot be read
# description: |
#   The Secret of a CA has a `ca.crl` that is not what its readers want. If its first PEM block is no `X509 CRL`, or one
#   that cannot be read, ingress-nginx **refuses the whole Secret**, the CA included: every request of the host gets
#   403, or, for backends, every request to the paths of the Ingress 503. If a block after that is broken, the
#   controller takes it and nginx does not: **no Ingress of this controller is reloaded any more**.
#
#   DER is not read: `openssl crl -inform der` turns it into PEM. For backends ingress-nginx writes no list into its
#   configuration, so that there only the first can happen.
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
package policies["ingress-nginx"]["crl-malformed"]

import data.lib.nginx

findings contains {
	"path": ref.path,
	"key": ref.revocation.key,
	"message": sprintf("ingress-nginx refuses %s of %s, which does not begin with a revocation list as PEM", [ref.revocation.key, ref.label]),
	"effect": effect,
	"remedy": "put the revocation lists there as X509 CRL blocks, or remove the entry",
} if {
	some role, effect in _effects
	some ref in input.refs[role]
	ref.revocation.go == "refused"
	ref.content.go == "accepted"
	nginx.closes(role, input.object.metadata.annotations)
}

findings contains {
	"path": ref.path,
	"key": ref.revocation.key,
	"message": sprintf("nginx refuses %s of %s, of which ingress-nginx looks at the first block only", [ref.revocation.key, ref.label]),
	"effect": "no Ingress of this controller is reloaded any more",
	"remedy": "leave nothing but whole X509 CRL blocks there",
} if {
	some ref in input.refs["client-ca"]
	ref.revocation.openssl == "refused"
	nginx.taken(ref)
}

_effects := {
	"client-ca": "every request to a host that checks clients by it gets 403",
	"upstream-ca": "every request to a path whose backends are checked by it gets 503",
}
