# METADATA
# title: CA stands beside a key pair that cannot be used
# description: |
#   The Secret of `auth-tls-secret` or `proxy-ssl-secret` holds a good `ca.crt`, and beside it a `tls.crt` and a
#   `tls.key` that are empty, unreadable, or do not belong together. ingress-nginx reads the key pair first and
#   **refuses the whole Secret**: every request of the host gets 403, or, for backends, every request to the paths of
#   the Ingress 503.
#
#   Typical cause: a CA that was put into a Secret of type `kubernetes.io/tls`, which must have both keys, so that they
#   were left empty. Type `Opaque` with `ca.crt` alone is what ingress-nginx wants.
# related_resources:
#   - description: ingress-nginx, internal/ingress/controller/store/backend_ssl.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/controller/store/backend_ssl.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   blames: target
#   since: v0.1.0
package policies["ingress-nginx"]["ca-beside-broken-key-pair"]

import data.lib.nginx

findings contains {
	"path": ref.path,
	"key": {true: "tls.key", false: "tls.crt"}[ref.pair in {"mismatch", "key-unreadable", "key-encrypted"}],
	"message": sprintf("%s holds a CA, and beside it a key pair that ingress-nginx does not take (%s)", [ref.label, defect]),
	"effect": effect,
	"remedy": "put the CA into a Secret of type Opaque without tls.crt and tls.key, or mend the key pair",
} if {
	some role, effect in _effects
	some ref in input.refs[role]
	defect := nginx.broken[ref.pair]
	ref.key_presence == "present"
	not nginx.lack(ref)
	not nginx.being_made(ref)
	nginx.closes(role, input.object.metadata.annotations)
}

_effects := {
	"client-ca": "every request to a host that checks clients by it gets 403",
	"upstream-ca": "every request to a path whose backends are checked by it gets 503",
}
