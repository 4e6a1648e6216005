# METADATA
# title: Upstream may renegotiate TLS
# description: |
#   `allowRenegotiation: true` lets the backend start a new TLS handshake within a connection, of TLS 1.2 and below. Envoy and BoringSSL have it off
#   because of its weaknesses; it is for backends that ask for a client certificate only for some paths, and cannot do otherwise.
# related_resources:
#   - description: Gloo, projects/gloo/api/v1/ssl/ssl.proto
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/api/v1/ssl/ssl.proto
# custom:
#   severity: info
#   kinds:
#     - Upstream.gloo.solo.io
#   triggers:
#     - spec.sslConfig.allowRenegotiation
#   since: v0.1.0
package policies.gloo["renegotiation-allowed"]

findings contains {
	"path": ["spec", "sslConfig", "allowRenegotiation"],
	"message": "allowRenegotiation is on",
	"effect": sprintf("%s may start new handshakes within a connection", [input.id.label]),
	"remedy": "remove it, unless the backend cannot do without",
} if {
	input.object.spec.sslConfig.allowRenegotiation == true
}
