# METADATA
# title: Annotated issuer does not exist
# description: |
#   `cert-manager.io/issuer` or `cert-manager.io/cluster-issuer` names an issuer that is not there. cert-manager makes the Certificate,
#   which then waits for the issuer: **the Secret of the hosts is neither made nor renewed**, and controllers show a certificate of
#   their own.
#
#   `cert-manager.io/issuer` looks in the object's own namespace. It is a warning, because an issuer is often applied a moment later.
# related_resources:
#   - description: cert-manager, annotated Ingress
#     ref: https://cert-manager.io/docs/usage/ingress/
# custom:
#   severity: warning
#   kinds:
#     - Ingress.networking.k8s.io
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers:
#     - 'metadata.annotations["cert-manager.io/issuer"]'
#     - 'metadata.annotations["cert-manager.io/cluster-issuer"]'
#   since: v0.1.0
package policies["cert-manager"]["annotated-issuer-missing"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": sprintf("the certificates of this %s are neither issued nor renewed", [input.id.kind]),
	"remedy": text.remedy(sprintf("create the %s", [ref.kind]), ref),
} if {
	some ref in input.refs["annotated-issuer"]
	ref.presence == "absent"
	ref.group == "cert-manager.io"
}
