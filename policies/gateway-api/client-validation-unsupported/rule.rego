# METADATA
# title: Controller reads no client CA from a Gateway
# description: |
#   `spec.tls.frontend` of a Gateway asks clients for certificates, and the controller of its class does not read the field.
#   The Gateway is accepted, and **nobody is asked for a certificate**. Traefik takes client CAs from a TLSOption, Kong from its
#   mtls-auth plugin, Gloo Gateway from `ca.crt` in the Secret of the listener's certificate.
# related_resources:
#   - description: Traefik, pkg/provider/kubernetes/gateway/kubernetes.go
#     ref: https://github.com/traefik/traefik/blob/master/pkg/provider/kubernetes/gateway/kubernetes.go
#   - description: Kong Ingress Controller, internal/controllers/gateway
#     ref: https://github.com/Kong/kubernetes-ingress-controller/tree/main/internal/controllers/gateway
#   - description: Gloo, projects/gateway2/translator/listener/gateway_listener_translator.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gateway2/translator/listener/gateway_listener_translator.go
#   - description: Client certificate validation, GEP-91
#     ref: https://gateway-api.sigs.k8s.io/geps/gep-91/
# custom:
#   severity: error
#   kinds: [Gateway.gateway.networking.k8s.io]
#   controllers: [traefik, kong, gloo-gateway]
#   triggers:
#     - spec.tls.frontend.default.validation
#     - spec.tls.frontend.perPort[*].tls.validation
#   since: v0.1.0
package policies["gateway-api"]["client-validation-unsupported"]

import data.lib.gateway
import data.lib.text

findings contains {
	"path": ["spec", "tls", "frontend"],
	"message": sprintf("%s does not read spec.tls.frontend", [_titles[name]]),
	"effect": sprintf("%s are not asked for a certificate", [text.list(clients)]),
	"remedy": sprintf("ask for certificates by %s", [_instead[name]]),
	"severity": _severity[controller.certainty],
} if {
	_asked
	some name, controller in input.controllers
	_titles[name]
	clients := [gateway.audience(listener) | some listener in input.object.spec.listeners; listener.protocol == "HTTPS"]
	count(clients) > 0
	not _asked_otherwise(name)
}

# A ca.crt beside the certificate has Gloo Gateway ask all the same.
_asked_otherwise("gloo-gateway") if {
	some ref in input.refs["listener-certificate"]
	"ca.crt" in ref.keys
}

_asked if input.object.spec.tls.frontend["default"].validation

_asked if input.object.spec.tls.frontend.perPort[_].tls.validation

_titles := {"traefik": "Traefik", "kong": "Kong", "gloo-gateway": "Gloo Gateway"}

_instead := {
	"traefik": "a TLSOption of Traefik",
	"kong": "Kong's plugin mtls-auth",
	"gloo-gateway": "a ca.crt in the Secret of the certificate",
}

# Where only the name of the class tells the controller, the class may be somebody else's.
_severity := {"known": "error", "assumed": "warning"}
