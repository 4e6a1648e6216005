# METADATA
# title: Client CA Secret holds no CA
# description: |
#   The Secret that `auth-tls-secret` names has no `ca.crt`, an empty one, or one without a certificate that can be read. If
#   it lacks the CA but holds a key pair (`tls.crt` and a `tls.key` that belongs to it), ingress-nginx **turns client
#   certificates off without a word**: requests reach the backend with no certificate asked for, and the only trace is a log
#   line at verbosity 3. In every other case each request of the host gets 403.
#
#   Typical cause: a Secret that cert-manager filled from an ACME issuer, which never returns a CA.
# related_resources:
#   - description: ingress-nginx, internal/ingress/controller/store/backend_ssl.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/controller/store/backend_ssl.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["client-ca-without-certificate"]

import data.lib.text

# A key pair without a CA: open, unless nobody is to be asked for a certificate anyway.
findings contains {
	"path": ref.path,
	"message": sprintf("%s holds a key pair but no CA (%s), and ingress-nginx then turns client certificates off", [ref.label, _missing(ref)]),
	"effect": sprintf("requests to %s reach the backend without a client certificate", [text.hosts(input.object)]),
	"remedy": "put the CA that signs your clients under ca.crt, best in a Secret of its own",
} if {
	some ref in input.refs["client-ca"]
	_turns_off(ref)
	ref.in_force
}

# Nothing that ingress-nginx takes: closed, whatever the mode.
findings contains {
	"path": ref.path,
	"message": sprintf("%s holds no CA (%s)%s", [ref.label, lack, further[0]]),
	"effect": sprintf("every request to %s gets 403", [text.hosts(input.object)]),
	"remedy": further[1],
} if {
	some ref in input.refs["client-ca"]
	lack := _lack(ref)
	not _turns_off(ref)
	further := _further(ref)
}

_turns_off(ref) if {
	_missing(ref)
	_key_pair(ref)
}

_lack(ref) := _missing(ref)

_lack(ref) := sprintf("its ca.crt holds no certificate that can be read: %s", [ref.content.defects[0].message]) if {
	not ref.content.opaque
	not ref.content.empty
	count(ref.content.certificates) == 0
}

_missing(ref) := "it has no ca.crt" if ref.key_presence == "absent"

_missing(ref) := "its ca.crt is empty" if ref.content.empty

# A pair that is out of sight is taken to be one.
_key_pair(ref) if ref.pair == "match"

_key_pair(ref) if {
	not ref.pair
	"tls.crt" in ref.keys
	"tls.key" in ref.keys
}

# What else a message and its remedy have to say, for a CA under ca.crt alone would not help.
_further(ref) := [
	sprintf(", nor a key pair that ingress-nginx takes (%s)", [_broken[ref.pair]]),
	"put the CA that signs your clients under ca.crt, in a Secret without tls.crt and tls.key",
] if {
	_broken[ref.pair]
}

_further(ref) := ["", "put the CA that signs your clients under ca.crt"] if {
	not object.get(ref, "pair", "match") in object.keys(_broken)
}

_broken := {
	"mismatch": "its tls.key does not belong to its tls.crt",
	"empty": "its tls.crt or tls.key is empty",
	"certificate-unreadable": "its tls.crt cannot be read",
	"key-unreadable": "its tls.key cannot be read",
	"key-encrypted": "its tls.key is encrypted",
}
