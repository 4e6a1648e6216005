# METADATA
# title: Private key does not belong to the certificate
# description: |
#   `tls.key` is the key of another certificate than the first of `tls.crt`, or one of the two cannot be read. No server can
#   show the certificate then: **ingress-nginx and Traefik serve their own default certificate instead**, which clients refuse;
#   Envoy's control planes leave the listener out, or keep the old certificate.
#
#   It comes from a renewal of which only one half arrived, or from a key under a passphrase, which no controller has. An empty
#   `tls.crt` or `tls.key` is taken for a placeholder, and nothing is said of it. The key itself is checked and dropped.
# related_resources:
#   - description: Go, crypto/tls, X509KeyPair
#     ref: https://pkg.go.dev/crypto/tls#X509KeyPair
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["key-mismatch"]

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("the key pair of %s cannot be used: %s", [ref.label, _broken[ref.pair]]),
	"effect": _effect(ref),
	"remedy": "put the certificate and the key in place that were made together",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	_broken[ref.pair]
	ref.in_force
	ref.key == "tls.crt"
	not _leaf_further_down(ref)
}

# The key may belong to the certificate that stands where its issuer should.
_leaf_further_down(ref) if {
	ref.pair == "mismatch"
	ref.content.chain.leaf > 0
}

_broken := {
	"mismatch": "its tls.key does not belong to its tls.crt",
	"certificate-unreadable": "its tls.crt cannot be read",
	"key-unreadable": "its tls.key cannot be read",
	"key-encrypted": "its tls.key is under a passphrase",
}

_effect(ref) := "the certificate that servers ask for is not sent, and they refuse the connection" if ref.usage == "clientAuth"

_effect(ref) := "clients get the controller's default certificate, or no answer" if object.get(ref, "usage", "serverAuth") == "serverAuth"
