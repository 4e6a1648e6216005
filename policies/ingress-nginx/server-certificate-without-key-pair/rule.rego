# METADATA
# title: Server certificate Secret holds no key pair
# description: |
#   The Secret that `spec.tls` names is there, and lacks `tls.crt` or `tls.key`, or has them empty. ingress-nginx says
#   nothing and serves its **default certificate** instead: the one that `--default-ssl-certificate` names, or else one
#   made up for "Kubernetes Ingress Controller Fake Certificate", which every client refuses.
#
#   Nothing is said while cert-manager has yet to fill the Secret. A key that does not belong to the certificate is
#   `certificates/key-mismatch`.
# related_resources:
#   - description: ingress-nginx, internal/ingress/controller/store/backend_ssl.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/controller/store/backend_ssl.go
#   - description: The fake certificate
#     ref: https://github.com/kubernetes/ingress-nginx/issues/4680
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - spec.tls[*].secretName
#   since: v0.1.0
package policies["ingress-nginx"]["server-certificate-without-key-pair"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s holds no key pair (%s)%s", [ref.label, lack, text.made(ref)]),
	"effect": sprintf("clients of %s are shown the default certificate of the controller", [text.list(hosts)]),
	"remedy": "put the certificate under tls.crt and its key under tls.key",
} if {
	some ref in input.refs["server-certificate"]
	lack := _lack(ref)
	not nginx.being_made(ref)
	hosts := input.object.spec.tls[ref.path[2]].hosts
	count(hosts) > 0
}

_lack(ref) := "it has no tls.crt" if ref.key_presence == "absent"

_lack(ref) := "it has no tls.key" if {
	ref.key_presence in {"present", "promised"}
	not ref.keys_open
	not "tls.key" in ref.keys
}

_lack(ref) := "its tls.crt or tls.key is empty" if ref.pair == "empty"
