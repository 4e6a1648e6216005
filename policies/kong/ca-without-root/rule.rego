# METADATA
# title: Kong has no root to verify a backend by
# description: |
#   None of the CAs that a backend is verified by is self-signed: they are intermediate CAs only. Kong is nginx, which accepts a chain
#   only if it ends at a self-signed certificate that it was given, so that **every request to the backend gets 502**. The root
#   belongs beside them, in a Secret or ConfigMap of its own.
# related_resources:
#   - description: OpenSSL, how a chain is built
#     ref: https://docs.openssl.org/3.0/man1/openssl-verification-options/
#   - description: Kong's controller, internal/dataplane/translator/translate_cacerts.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/translate_cacerts.go
# custom:
#   severity: error
#   kinds: [Service, BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.kong["ca-without-root"]

import data.lib.kong
import data.lib.text

findings contains {
	"path": first.path,
	"key": _read(first).key,
	"message": sprintf("Kong has no root here, only %s, and accepts no chain that does not end at one", [text.list(names)]),
	"effect": sprintf("requests to %s get 502", [kong.verified]),
	"remedy": "name the self-signed root besides, in a Secret or ConfigMap of its own",
} if {
	first := kong.authorities[0]
	every ref in kong.authorities {
		count(_read(ref).certificates) > 0
		every hash in _read(ref).certificates {
			input.certificates[hash].ca
			not input.certificates[hash].self_signed
		}
	}
	names := [input.certificates[hash].subject | some ref in kong.authorities; some hash in _read(ref).certificates]
}

# Kong takes cert where both are there.
_read(ref) := {"key": "cert", "certificates": ref.also.cert.certificates} if ref.also.cert

_read(ref) := {"key": "ca.crt", "certificates": ref.content.certificates} if not "cert" in ref.keys
