# METADATA
# title: Listener ends TLS without a certificate
# description: |
#   The `tls` of a listener has options, and names no certificate. The API server takes it, since some controllers take the certificate
#   from an option. Envoy Gateway, NGINX Gateway Fabric and Traefik take none from there and **do not serve the listener**; Istio
#   serves it with no certificate to show, unless the option `gateway.istio.io/tls-terminate-mode` asks for that of the mesh.
# related_resources:
#   - description: Gateway API, ListenerTLSConfig
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
#   - description: Envoy Gateway, internal/gatewayapi/validate.go, validateTLSConfiguration
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/validate.go
#   - description: NGINX Gateway Fabric, internal/controller/state/graph/gateway_listener.go, validateTLSTerminateConfig
#     ref: https://github.com/nginx/nginx-gateway-fabric/blob/main/internal/controller/state/graph/gateway_listener.go
#   - description: Istio, pilot/pkg/config/kube/gateway/conversion.go, buildTLS
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [envoy-gateway, istio, nginx-gateway-fabric, traefik]
#   triggers:
#     - spec.listeners[*].tls.options
#   since: v0.1.0
package policies["gateway-api"]["listener-without-certificate"]

import data.lib.gateway

findings contains {
	"path": ["spec", "listeners", index, "tls"],
	"message": "the listener ends TLS, and names no certificate",
	"effect": sprintf("%s get no connection", [gateway.audience(listener)]),
	"remedy": "name the certificate under certificateRefs",
} if {
	some index, listener in input.object.spec.listeners
	listener.tls.options
	gateway.terminates(listener)
	count(object.get(listener.tls, "certificateRefs", [])) == 0
	not _of_the_mesh(listener)
}

# Istio shows the certificate of the mesh.
_of_the_mesh(listener) if {
	input.controllers.istio
	listener.tls.options["gateway.istio.io/tls-terminate-mode"] in {"ISTIO_SIMPLE", "ISTIO_MUTUAL"}
}
