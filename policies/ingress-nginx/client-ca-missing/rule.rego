# METADATA
# title: Client CA Secret does not exist
# description: |
#   `auth-tls-secret` names a Secret that is not there. ingress-nginx then answers **403 to every request of the host**:
#   every path, every Ingress that shares the host, in every namespace, on ports 80 and 443. Its own webhook admits the
#   Ingress, and neither an Event nor a log line at the usual level says why.
#
#   The rule fires only where something shows that the Secret is missing: its namespace is declared `complete`, something
#   similar stands in the tree, or the tree keeps other Secrets of that namespace. If the Secret is made elsewhere, declare
#   it under `external:`.
# related_resources:
#   - description: ingress-nginx, client certificate authentication
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#client-certificate-authentication
#   - description: The 403 is all one sees
#     ref: https://github.com/kubernetes/ingress-nginx/issues/13479
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies["ingress-nginx"]["client-ca-missing"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": sprintf("every request to %s gets 403", [text.hosts(input.object)]),
	"remedy": text.remedy("create the Secret with the CA under ca.crt", ref),
} if {
	some ref in input.refs["client-ca"]
	ref.presence == "absent"
}
