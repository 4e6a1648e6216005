# METADATA
# title: TLS option that the controller does not know
# description: |
#   `tls.options` of a listener is for settings of the controller's own, each with the domain of the controller before it. What the
#   controller does not know, most **ignore in silence**: a TLS version or a client certificate that was asked for by it is not. NGINX
#   Gateway Fabric does not serve the listener (`Accepted=False/UnsupportedValue`), an error. Neither does kgateway, if the key has its own
#   domain before it; keys of others it leaves alone.
# related_resources:
#   - description: Gateway API, ListenerTLSConfig, options
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
#   - description: NGINX Gateway Fabric, internal/controller/state/graph/gateway_listener.go
#     ref: https://github.com/nginx/nginx-gateway-fabric/blob/main/internal/controller/state/graph/gateway_listener.go
#   - description: Istio, pilot/pkg/config/kube/gateway/conversion.go, buildTLS
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go
#   - description: Gloo, projects/gateway2/translator/sslutils/ssl_utils.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gateway2/translator/sslutils/ssl_utils.go
#   - description: kgateway, pkg/kgateway/translator/sslutils/ssl_utils.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/translator/sslutils/ssl_utils.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [envoy-gateway, istio, nginx-gateway-fabric, traefik, gloo-gateway, kgateway]
#   triggers:
#     - spec.listeners[*].tls.options
#   since: v0.1.0
package policies["gateway-api"]["listener-option-unknown"]

import data.lib.gateway

findings contains object.union(
	{
		"path": ["spec", "listeners", index, "tls", "options", option],
		"message": sprintf("%s knows no option %v", [_controllers[name].title, option]),
		"remedy": _remedy(name),
	},
	_verdict(name, gateway.audience(listener)),
) if {
	some index, listener in input.object.spec.listeners
	some option, _ in listener.tls.options
	some name, _ in input.controllers
	not option in _controllers[name].options
	startswith(option, object.get(_controllers[name], "reads", ""))
}

_controllers := {
	"envoy-gateway": {"title": "Envoy Gateway", "options": set()},
	# The last one marks a listener for other clusters of the mesh (pilot/pkg/serviceregistry/kube/conversion.go, IsAutoPassthrough).
	"istio": {
		"title": "Istio",
		"options": {
			"gateway.istio.io/tls-terminate-mode", "gateway.istio.io/tls-cipher-suites",
			"gateway.istio.io/listener-protocol",
		},
	},
	"nginx-gateway-fabric": {
		"title": "NGINX Gateway Fabric",
		"options": {
			"nginx.org/ssl-protocols", "nginx.org/ssl-ciphers", "nginx.org/ssl-prefer-server-ciphers",
			"nginx.org/ssl-session-cache", "nginx.org/ssl-session-timeout", "nginx.org/ssl-ecdh-curve",
		},
	},
	"traefik": {"title": "Traefik", "options": set()},
	"gloo-gateway": {
		"title": "Gloo Gateway",
		"options": {
			"gateway.gloo.solo.io/ssl/cipher-suites", "gateway.gloo.solo.io/ssl/ecdh-curves",
			"gateway.gloo.solo.io/ssl/minimum-tls-version", "gateway.gloo.solo.io/ssl/maximum-tls-version",
			"gateway.gloo.solo.io/ssl/one-way-tls", "gateway.gloo.solo.io/ssl/verify-subject-alt-name",
		},
	},
	# It leaves alone what does not start like its own.
	"kgateway": {
		"title": "kgateway",
		"reads": "kgateway.dev/",
		"options": {
			"kgateway.dev/alpn-protocols", "kgateway.dev/cipher-suites", "kgateway.dev/ecdh-curves",
			"kgateway.dev/signature-algorithms", "kgateway.dev/min-tls-version", "kgateway.dev/max-tls-version",
			"kgateway.dev/verify-subject-alt-names", "kgateway.dev/verify-certificate-hash",
		},
	},
}

_verdict(name, clients) := {"effect": sprintf("%s get no connection", [clients])} if name in _strict

_verdict(name, clients) := {
	"effect": sprintf("%s are served as if it were not there", [clients]),
	"severity": "warning",
} if {
	not name in _strict
}

_strict := {"nginx-gateway-fabric", "kgateway"}

_remedy(name) := "remove it" if count(_controllers[name].options) == 0

_remedy(name) := sprintf("use one of %s", [concat(", ", sort(_controllers[name].options))]) if count(_controllers[name].options) > 0
