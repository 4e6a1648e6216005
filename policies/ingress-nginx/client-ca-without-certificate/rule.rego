# METADATA
# title: Client CA Secret holds no CA
# description: |
#   The Secret that `auth-tls-secret` names has no `ca.crt`, or an empty one. If it holds a key pair (`tls.crt` and
#   `tls.key`), ingress-nginx **turns client certificates off without a word**: requests reach the backend with no
#   certificate asked for, and the only trace is a log line at verbosity 3. If it holds none of these keys, every request
#   of the host gets 403.
#
#   Typical cause: a Secret that cert-manager filled from an ACME issuer, which never returns a CA.
# related_resources:
#   - description: ingress-nginx, internal/ingress/controller/store/backend_ssl.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/controller/store/backend_ssl.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   since: v0.1.0
package policies["ingress-nginx"]["client-ca-without-certificate"]

import data.lib.text

# A key pair without a CA: open.
findings contains {
	"path": ref.path,
	"message": sprintf("%s holds a key pair but no CA (%s), and ingress-nginx then turns client certificates off", [ref.label, lack]),
	"effect": sprintf("requests to %s reach the backend without a client certificate", [text.hosts(input.object)]),
	"remedy": "put the CA that signs your clients under ca.crt, best in a Secret of its own",
} if {
	some ref in input.refs["client-ca"]
	lack := _lack(ref)
	_key_pair(ref)
}

# Neither: closed.
findings contains {
	"path": ref.path,
	"message": sprintf("%s holds no CA (%s)", [ref.label, lack]),
	"effect": sprintf("every request to %s gets 403", [text.hosts(input.object)]),
	"remedy": "put the CA that signs your clients under ca.crt",
} if {
	some ref in input.refs["client-ca"]
	lack := _lack(ref)
	not _key_pair(ref)
}

_lack(ref) := "it has no ca.crt" if ref.key_presence == "absent"

_lack(ref) := "its ca.crt is empty" if ref.content.empty

_key_pair(ref) if {
	"tls.crt" in ref.keys
	"tls.key" in ref.keys
}
