# METADATA
# title: Client CA Secret holds no CA
# description: |
#   The Secret that `auth-tls-secret` names has no `ca.crt`, an empty one, or one without a certificate that can be read. If
#   it lacks the CA but holds a key pair (`tls.crt` and a `tls.key` that belongs to it), ingress-nginx **turns client
#   certificates off without a word**: requests reach the backend with no certificate asked for, and the only trace is a log
#   line at verbosity 3. In every other case each request of the host gets 403.
#
#   Typical cause: a Secret that cert-manager filled from an ACME issuer, which never returns a CA. Nothing is said while
#   cert-manager has yet to fill the Secret in, or holds the place with a certificate of its own.
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

import data.lib.nginx
import data.lib.text

# A key pair without a CA: open, unless nobody is to be asked for a certificate anyway.
findings contains {
	"path": ref.path,
	"message": sprintf("%s holds a key pair but no CA (%s), and ingress-nginx then turns client certificates off", [ref.label, nginx.missing(ref)]),
	"effect": sprintf("requests to %s reach the backend without a client certificate", [text.hosts(input.object)]),
	"remedy": "put the CA that signs your clients under ca.crt, best in a Secret of its own",
} if {
	some ref in input.refs["client-ca"]
	nginx.key_pair_only(ref)
	ref.in_force
}

# Nothing that ingress-nginx takes: closed, whatever the mode.
findings contains {
	"path": ref.path,
	"message": sprintf("%s holds no CA (%s)%s", [ref.label, lack, further.message]),
	"effect": sprintf("every request to %s gets 403", [text.hosts(input.object)]),
	"remedy": further.remedy,
} if {
	some ref in input.refs["client-ca"]
	lack := nginx.lack(ref)
	not nginx.key_pair_only(ref)
	further := nginx.refused(ref, "clients")
}
