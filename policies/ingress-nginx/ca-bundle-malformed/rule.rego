# METADATA
# title: CA bundle is malformed
# description: |
#   The text of a CA bundle is not what its readers want. ingress-nginx has two of them, and they fail differently:
#
#   * The controller, written in Go, refuses it: it takes nothing from the Secret, and **every request of the host gets
#     403**, or, for backends, every request to the paths of the Ingress 503. It refuses any block that is no
#     certificate, such as a revocation list or a private key.
#   * The controller takes it and nginx does not: the configuration as a whole is refused, and **no Ingress of this
#     controller is reloaded any more**, in no namespace, until the Secret is mended. A controller that restarts serves
#     nothing. nginx refuses a block without its END line, two markers on one line, and a text of nothing but OpenSSL's
#     own TRUSTED CERTIFICATE.
#
#   ingress-nginx's own webhook does not look at Secrets and admits both. nginx loads `tls.crt` of the Secret together
#   with `ca.crt`, so that a malformed chain has the same effect. A text without a single good certificate is
#   `ingress-nginx/client-ca-without-certificate` if the controller refuses it.
# related_resources:
#   - description: ingress-nginx, internal/net/ssl/ssl.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/net/ssl/ssl.go
#   - description: A malformed CA Secret stopped all reloads
#     ref: https://github.com/kubernetes/ingress-nginx/issues/4811
#   - description: A revocation list in ca.crt
#     ref: https://github.com/kubernetes/ingress-nginx/issues/3420
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   blames: target
#   since: v0.1.0
package policies["ingress-nginx"]["ca-bundle-malformed"]

import data.lib.nginx

# The controller refuses it. Where no certificate is left at all, another rule says so.
findings contains {
	"path": ref.path,
	"message": sprintf("ingress-nginx refuses ca.crt of %s: %s", [ref.label, _why(ref.content.defects, "fails_go")]),
	"effect": effect,
	"remedy": "leave nothing but whole CERTIFICATE blocks in ca.crt",
} if {
	some role, effect in _effects
	some ref in input.refs[role]
	ref.content.go == "refused"
	count(ref.content.certificates) > 0
	nginx.closes(role, input.object.metadata.annotations)
}

# The controller takes it, and nginx refuses its whole configuration.
findings contains {
	"path": ref.path,
	"key": at.key,
	"message": sprintf("nginx refuses %s of %s, which ingress-nginx takes: %s", [at.key, ref.label, at.why]),
	"effect": "no Ingress of this controller is reloaded any more",
	"remedy": sprintf("leave nothing but whole CERTIFICATE blocks in %s", [at.key]),
} if {
	some role, _ in _effects
	some ref in input.refs[role]
	ref.trust.openssl == "refused"
	nginx.taken(ref)
	at := _culprit(ref)
}

_culprit(ref) := {"key": "ca.crt", "why": _why(ref.content.defects, "fails_openssl")} if not _only_beside(ref)

_culprit(ref) := {"key": "tls.crt", "why": _why(ref.also["tls.crt"].defects, "fails_openssl")} if _only_beside(ref)

_only_beside(ref) if {
	ref.content.openssl == "accepted"
	ref.also["tls.crt"].openssl == "refused"
}

# The defect at which a reader gives up. A list that was cut may lack it.
_why(defects, mark) := sprintf("line %d: %s", [defect.line, defect.message]) if {
	some defect in defects
	defect[mark]
}

_why(defects, mark) := "it cannot be read" if count([defect | some defect in defects; defect[mark]]) == 0

_effects := {
	"client-ca": "every request to a host that checks clients by it gets 403",
	"upstream-ca": "every request to a path whose backends are checked by it gets 503",
}
