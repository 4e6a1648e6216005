# METADATA
# title: Client certificates are switched off for a port
# description: |
#   `spec.tls.frontend.default` asks clients for certificates, and an entry of `perPort` has a `tls` without `validation`. It
#   **replaces the default as a whole**: on that port nobody is asked for a certificate. Nothing in any status says so.
#
#   It is an error where that undoes what the default is for: no HTTPS listener is left that it holds for, or a host can be
#   reached on that port as well as on one with client certificates. Where the port serves hosts of its own it may be meant: a
#   warning. Turn the rule off for a Gateway whose port is public on purpose.
#
#   NGINX Gateway Fabric **passes over such an entry**, and goes on asking for certificates as the default says: where only it acts, nothing
#   is said.
# related_resources:
#   - description: Gateway API, FrontendTLSConfig
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
#   - description: Client certificate validation, GEP-91
#     ref: https://gateway-api.sigs.k8s.io/geps/gep-91/
#   - description: Envoy Gateway, internal/gatewayapi/listener.go, ProcessGatewayTLS
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/listener.go
#   - description: NGINX Gateway Fabric, internal/controller/state/graph/gateway_listener.go, createFrontendTLSCaCertReferenceResolver
#     ref: https://github.com/nginx/nginx-gateway-fabric/blob/main/internal/controller/state/graph/gateway_listener.go
# custom:
#   severity: error
#   kinds: [Gateway.gateway.networking.k8s.io]
#   triggers:
#     - spec.tls.frontend.perPort
#   since: v0.1.0
package policies["gateway-api"]["client-validation-off-for-port"]

import data.lib.gateway
import data.lib.text

findings contains {
	"path": ["spec", "tls", "frontend", "perPort", index],
	"message": sprintf("its tls has no validation, which replaces the default for port %v", [entry.port]),
	"effect": sprintf("%s are not asked for a certificate on port %v%s", [text.list(open), entry.port, _beside(entry.port)]),
	"remedy": "remove the entry, or give it a validation of its own",
	"severity": _severity(entry.port),
} if {
	input.object.spec.tls.frontend["default"].validation
	not _passed_over
	some index, entry in input.object.spec.tls.frontend.perPort
	not entry.tls.validation
	open := [gateway.audience(listener) | some listener in _https; listener.port == entry.port]
	count(open) > 0
}

# The default holds on the port all the same.
_passed_over if object.keys(input.controllers) == {"nginx-gateway-fabric"}

_https := [listener |
	some listener in gateway.listeners(input.object, object.get(input, ["peers", "listener-set"], []))
	listener.protocol == "HTTPS"
]

# Listeners that do ask clients for certificates.
_closed := [listener |
	some listener in _https
	every entry in input.object.spec.tls.frontend.perPort {
		_asks(entry, listener)
	}
]

_asks(entry, listener) if entry.port != listener.port

_asks(entry, _) if entry.tls.validation

_severity(_) := "error" if count(_closed) == 0

_severity(port) := "error" if {
	count(_closed) > 0
	count(_shared(port)) > 0
}

_severity(port) := "warning" if {
	count(_closed) > 0
	count(_shared(port)) == 0
}

# Ports with client certificates on which names can be reached that can be reached on this one too.
_shared(port) := {closed.port |
	some listener in _https
	listener.port == port
	some closed in _closed
	gateway.meets(object.get(listener, "hostname", ""), object.get(closed, "hostname", ""))
}

_beside(port) := "" if count(_shared(port)) == 0

_beside(port) := sprintf(", though they are on port %v", [min(_shared(port))]) if count(_shared(port)) > 0
