# METADATA
# title: Secret of a listener is not of type kubernetes.io/tls
# description: |
#   Envoy Gateway, NGINX Gateway Fabric and Gloo Gateway take the certificate of a listener from Secrets of type `kubernetes.io/tls` only. One of type
#   `Opaque` with the same keys gets `ResolvedRefs=False/InvalidCertificateRef`, and the listener **serves no TLS**. The type of a Secret
#   cannot be changed: it must be deleted and created anew. External Secrets and the like make Opaque ones unless they are told the
#   type.
# related_resources:
#   - description: Envoy Gateway, internal/gatewayapi/validate.go, validateTerminateModeAndGetTLSSecrets
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/validate.go
#   - description: NGINX Gateway Fabric, internal/controller/state/resolver/secrets.go
#     ref: https://github.com/nginx/nginx-gateway-fabric/blob/main/internal/controller/state/resolver/secrets.go
#   - description: Gloo, projects/gloo/pkg/api/converters/kube/secretconverter.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/api/converters/kube/secretconverter.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [envoy-gateway, nginx-gateway-fabric, gloo-gateway]
#   triggers:
#     - spec.listeners[*].tls.certificateRefs
#   since: v0.1.0
package policies["gateway-api"]["secret-type-unsupported"]

import data.lib.gateway

findings contains {
	"path": ref.path,
	"message": sprintf("%s is of type %s, not kubernetes.io/tls", [ref.label, ref.type]),
	"effect": sprintf("%s get no connection from %s", [gateway.audience(listener), titles[0]]),
	"remedy": "delete the Secret, and create it with type kubernetes.io/tls",
} if {
	some ref in input.refs["listener-certificate"]
	ref.type != "kubernetes.io/tls"
	listener := input.object.spec.listeners[ref.path[2]]
	gateway.terminates(listener)
	titles := [title | some name, title in _titles; input.controllers[name]; not _taken(name, ref.type)]
	count(titles) > 0
}

_titles := {"envoy-gateway": "Envoy Gateway", "nginx-gateway-fabric": "NGINX Gateway Fabric", "gloo-gateway": "Gloo Gateway"}

# It names a service that hands certificates to Envoy.
_taken("envoy-gateway", "gateway.envoyproxy.io/sds")
