# METADATA
# title: Upstream CA Secret does not exist
# description: |
#   `proxy-ssl-secret` names a Secret that is not there. ingress-nginx then answers **503 to every request for the paths of
#   the Ingress**, whatever the other annotations say, `backend-protocol` included. Its own webhook admits the Ingress. Other
#   Ingresses of the host are still served.
#
#   The rule fires only where something shows that the Secret is missing: its namespace is declared `complete`, something
#   similar stands in the tree, or the tree keeps other Secrets of that namespace. If the Secret is made elsewhere, declare
#   it under `external:`.
# related_resources:
#   - description: ingress-nginx, backend certificate authentication
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#backend-certificate-authentication
#   - description: ingress-nginx, internal/ingress/annotations/proxyssl/main.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/annotations/proxyssl/main.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["upstream-ca-missing"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": "every request to the paths of this Ingress gets 503",
	"remedy": text.remedy("create the Secret with the CA of the backends under ca.crt", ref),
} if {
	some ref in input.refs["upstream-ca"]
	ref.presence == "absent"
	not nginx.canary(input.object.metadata.annotations)
}
