# METADATA
# title: HTTPS listener without TLS
# description: |
#   A listener of protocol `HTTPS` has no `tls`, and so no certificate. The API server takes it. Envoy Gateway, Istio, NGINX
#   Gateway Fabric and Traefik **do not serve the listener**: `Programmed=False` or `Accepted=False`.
#
#   Controllers of cloud providers may take the certificate from elsewhere, such as an annotation; of these nothing is said.
# related_resources:
#   - description: Gateway API, tests/cel/gateway_test.go
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/tests/cel/gateway_test.go
#   - description: Envoy Gateway, internal/gatewayapi/validate.go, validateTLSConfiguration
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/validate.go
#   - description: Istio, listenerset-https-missing-tls
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/testdata/listenerset-https-missing-tls.yaml
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [envoy-gateway, istio, nginx-gateway-fabric, traefik]
#   triggers:
#     - spec.listeners
#   since: v0.1.0
package policies["gateway-api"]["https-without-tls"]

import data.lib.gateway

findings contains {
	"path": ["spec", "listeners", index, "protocol"],
	"message": "the listener has no tls, and so no certificate",
	"effect": sprintf("%s get no connection", [gateway.audience(listener)]),
	"remedy": "name the certificate under tls.certificateRefs, or set the protocol to HTTP",
} if {
	some index, listener in input.object.spec.listeners
	listener.protocol == "HTTPS"
	not listener.tls
}
