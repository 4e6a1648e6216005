# METADATA
# title: Verify depth that Gloo does not have
# description: |
#   An annotation of another controller sets a verify depth on an object that only Gloo reads. Gloo has **no setting of a verify depth**: Envoy follows a
#   chain as far as it leads to a CA that is trusted. What is to limit it is the CA: one that may issue no further CAs (`pathlen:0`).
# related_resources:
#   - description: Envoy, CertificateValidationContext, max_verify_depth
#     ref: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto
# custom:
#   severity: info
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Upstream.gloo.solo.io
#   triggers:
#     - metadata.annotations["konghq.com/tls-verify-depth"]
#     - metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify-depth"]
#     - metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"]
#   since: v0.1.0
package policies.gloo["verify-depth-unread"]

findings contains {
	"path": ["metadata", "annotations", key],
	"message": "Gloo has no verify depth, and reads none of another controller",
	"effect": "chains of up to 100 certificates are accepted",
	"remedy": "remove it, and use a CA that may issue no further CAs",
} if {
	some key, _ in input.object.metadata.annotations
	key in _depths
	input.id.group in {"gateway.solo.io", "gloo.solo.io"}
}

_depths := {
	"konghq.com/tls-verify-depth",
	"nginx.ingress.kubernetes.io/proxy-ssl-verify-depth",
	"nginx.ingress.kubernetes.io/auth-tls-verify-depth",
}
