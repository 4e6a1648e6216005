# METADATA
# title: Controller shows backends no client certificate
# description: |
#   `spec.tls.backend.clientCertificateRef` of a Gateway is the certificate that the Gateway shows to backends. Istio looks whether the
#   Secret is there, says so in the Gateway's status, and **does nothing else with it**: backends that ask for a certificate refuse the
#   Gateway, and others do not learn who calls.
#
#   On Istio a DestinationRule does it: mode MUTUAL with a `credentialName` in the Gateway's namespace.
# related_resources:
#   - description: Istio, pilot/pkg/config/kube/gateway/conversion.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go
#   - description: Gateway API, GatewayBackendTLS
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
# custom:
#   severity: warning
#   kinds: [Gateway.gateway.networking.k8s.io]
#   controllers: [istio]
#   triggers: [spec.tls.backend.clientCertificateRef]
#   since: v0.1.0
package policies["gateway-api"]["client-certificate-unread"]

findings contains {
	"path": ["spec", "tls", "backend", "clientCertificateRef"],
	"message": "Istio checks that the Secret exists, and shows its certificate to nobody",
	"effect": "backends that ask for a client certificate refuse this Gateway",
	"remedy": "add a DestinationRule for the backends with tls mode MUTUAL and a credentialName",
} if {
	input.object.spec.tls.backend.clientCertificateRef
}
