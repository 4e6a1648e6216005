# METADATA
# title: Upstream CA Secret holds no CA
# description: |
#   The Secret that `proxy-ssl-secret` names has no `ca.crt`, an empty one, or one without a certificate that can be read. If
#   it lacks the CA but holds a key pair (`tls.crt` and a `tls.key` that belongs to it), ingress-nginx writes neither the CA
#   nor the client certificate into its configuration: **nginx takes whatever certificate a backend shows, and shows none
#   itself**. The only trace is a log line at verbosity 3. In every other case each request to the paths of the Ingress gets
#   503.
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
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["upstream-ca-without-certificate"]

import data.lib.nginx
import data.lib.text
import data.lib.upstream

# A key pair without a CA: open, if backends are to be verified.
findings contains {
	"path": ref.path,
	"message": sprintf("%s holds a key pair but no CA (%s), and ingress-nginx then ignores proxy-ssl-verify", [ref.label, nginx.missing(ref)]),
	"effect": sprintf("the backends of %s are not verified", [text.hosts(input.object)]),
	"remedy": "put the CA that signs your backends under ca.crt",
} if {
	some ref in input.refs["upstream-ca"]
	ref.in_force
	nginx.key_pair_only(ref)
	not nginx.canary(input.object.metadata.annotations)
}

# If they are not, the key pair is there to be shown to them.
findings contains {
	"path": ref.path,
	"message": sprintf("%s holds a key pair but no CA (%s), and ingress-nginx uses neither without the other", [ref.label, nginx.missing(ref)]),
	"effect": sprintf("nginx shows the backends of %s no client certificate", [text.hosts(input.object)]),
	"remedy": "put the CA that signs your backends under ca.crt",
	"severity": "warning",
} if {
	some ref in input.refs["upstream-ca"]
	not ref.in_force
	nginx.key_pair_only(ref)
	upstream.protocol(input.object.metadata.annotations) in {"HTTPS", "AUTO_HTTP"}
	not nginx.canary(input.object.metadata.annotations)
}

# Nothing that ingress-nginx takes: closed, whether backends are to be verified or not.
findings contains {
	"path": ref.path,
	"message": sprintf("%s holds no CA (%s)%s", [ref.label, lack, refused.message]),
	"effect": "every request to the paths of this Ingress gets 503",
	"remedy": refused.remedy,
} if {
	some ref in input.refs["upstream-ca"]
	lack := nginx.lack(ref)
	not nginx.key_pair_only(ref)
	not nginx.canary(input.object.metadata.annotations)
	refused := nginx.refused(ref, "backends")
}
