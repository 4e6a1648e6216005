# METADATA
# title: Backend is not verified
# description: |
#   `spec.tls` of a Backend has Envoy speak TLS to it. With `insecureSkipVerify` it takes **any certificate**, also that of whoever
#   stands in between. Without a CA (`caCertificateRefs`, `wellKnownCACertificates`, or those of a BackendTLSPolicy for the Backend) the
#   Backend gets `Accepted=False`, and requests to it get 500.
# related_resources:
#   - description: Envoy Gateway, internal/gatewayapi/backend.go, validateBackendTLSSettings
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/backend.go
# custom:
#   severity: warning
#   kinds: [Backend.gateway.envoyproxy.io]
#   triggers:
#     - spec.tls
#   since: v0.1.0
package policies["envoy-gateway"]["backend-not-verified"]

findings contains {
	"path": ["spec", "tls", "insecureSkipVerify"],
	"message": "insecureSkipVerify takes any certificate",
	"effect": "requests to this Backend go to whoever answers, and can be read on the way",
	"remedy": "remove it, and name the CA under caCertificateRefs",
} if {
	input.object.spec.tls.insecureSkipVerify == true
}

findings contains {
	"path": ["spec", "tls"],
	"message": "there is no CA to verify it by",
	"effect": "requests to this Backend get 500",
	"remedy": "name the CA under caCertificateRefs, or set wellKnownCACertificates to System",
} if {
	input.object.spec.tls
	not input.object.spec.tls.insecureSkipVerify
	not input.object.spec.tls.wellKnownCACertificates
	count(object.get(input.object.spec.tls, "caCertificateRefs", [])) == 0
	not input.peers["backend-policy"]
}
