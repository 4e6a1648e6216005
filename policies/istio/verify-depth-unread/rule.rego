# METADATA
# title: Istio knows no verify depth
# description: |
#   An annotation by which nginx or Kong bound the length of chains stands on an object of Istio. **No kind
#   of Istio has a verify depth**: Envoy's own limit holds, which is 100. It counts one more than nginx, as the root is counted and
#   nginx leaves it out: nginx's 1 is Envoy's 2. What is not in any field cannot be set, so that nothing is written here either.
#
#   Whoever has to bound it sets `max_verify_depth` in an EnvoyFilter, or hands out a CA that signs no CAs.
# related_resources:
#   - description: Envoy, CertificateValidationContext, max_verify_depth
#     ref: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-certificatevalidationcontext
#   - description: Envoy, how the depth is counted
#     ref: https://github.com/envoyproxy/envoy/issues/31287
#   - description: A verify depth for Istio's gateways
#     ref: https://github.com/istio/istio/issues/31482
# custom:
#   severity: info
#   kinds: [Gateway.networking.istio.io, DestinationRule.networking.istio.io]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify-depth"]'
#     - 'metadata.annotations["konghq.com/tls-verify-depth"]'
#   since: v0.1.0
package policies.istio["verify-depth-unread"]

findings contains {
	"path": ["metadata", "annotations", key],
	"message": sprintf("Istio does not read %s, and has no other field for it", [key]),
	"effect": "chains of up to 100 certificates above the first are taken, as Envoy has it",
	"remedy": "remove the annotation",
} if {
	input.id.group == "networking.istio.io"
	some key in [
		"nginx.ingress.kubernetes.io/auth-tls-verify-depth",
		"nginx.ingress.kubernetes.io/proxy-ssl-verify-depth",
		"konghq.com/tls-verify-depth",
	]
	input.object.metadata.annotations[key]
}
