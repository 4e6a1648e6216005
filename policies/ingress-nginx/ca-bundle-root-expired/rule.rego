# METADATA
# title: Every root of a CA bundle is out of date
# description: |
#   The bundle holds a CA that is valid, but none of its roots is. nginx accepts a chain only if it ends at a
#   self-signed certificate of the bundle that is valid, so that **every certificate is refused**: clients get 400,
#   requests to backends 502. Controllers that are satisfied with an intermediate CA go on, and so does whoever tests
#   with them.
# related_resources:
#   - description: OpenSSL, how a chain is built
#     ref: https://docs.openssl.org/3.0/man1/openssl-verification-options/
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   blames: target
#   since: v0.1.0
package policies["ingress-nginx"]["ca-bundle-root-expired"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("no root in ca.crt of %s is valid now (%s), though another CA in it is", [ref.label, text.list(names)]),
	"effect": effect,
	"remedy": "put the root that is in use now into ca.crt, beside the old one for as long as that is needed",
} if {
	some role, effect in _effects
	some ref in input.refs[role]
	ref.in_force
	not _holds_valid_root(ref.trust)
	names := [input.certificates[certificate.hash].subject | some certificate in ref.trust.certificates; certificate.hops == 0]
	count(names) > 0
	nginx.loaded(ref)
	some hash in ref.content.certificates
	_valid(input.certificates[hash])
}

_holds_valid_root(trust) if {
	some certificate in trust.certificates
	certificate.hops == 0
	_valid(input.certificates[certificate.hash])
}

_valid(certificate) if {
	certificate.not_before <= input.now
	certificate.not_after >= input.now
}

_effects := {
	"client-ca": "every client certificate that is checked by it is refused with 400",
	"upstream-ca": "every request to backends that are checked by it gets 502",
}
