# METADATA
# title: Controller does not support these well-known CAs
# description: |
#   `wellKnownCACertificates` is optional for implementations, and so is every value of it.
#
#   - **Kong** refuses the policy, takes it out, and calls the backend unencrypted.
#   - **Cilium** 1.20 accepts `System`, says so in the policy's status, and calls the backend **unencrypted**. A backend that
#     redirects to https then redirects for ever.
#   - A value other than `System` is refused by Envoy Gateway, NGINX Gateway Fabric and kgateway. Istio reports it as invalid and
#     goes on with the roots of its proxies; Traefik takes any value for `System`.
# related_resources:
#   - description: "Cilium, System is accepted and plaintext"
#     ref: https://github.com/cilium/cilium/issues/48307
#   - description: Kong, internal/controllers/gateway/backendtlspolicy_utils.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/controllers/gateway/backendtlspolicy_utils.go
#   - description: BackendTLSPolicy, wellKnownCACertificates
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [envoy-gateway, istio, nginx-gateway-fabric, kong, cilium, kgateway, traefik]
#   triggers: [spec.validation.wellKnownCACertificates]
#   since: v0.1.0
package policies["gateway-api"]["backend-roots-unsupported"]

import data.lib.backend
import data.lib.text

findings contains {
	"path": _path,
	"message": "Kong supports no wellKnownCACertificates and takes the policy out",
	"effect": backend.refused("kong", input.refs),
	"remedy": _remedy,
} if {
	input.object.spec.validation.wellKnownCACertificates != ""
	input.controllers.kong
}

findings contains {
	"path": _path,
	"message": "Cilium accepts System, and sets up no TLS for it (seen in 1.20)",
	"effect": sprintf("requests to %s are sent unencrypted", [text.targets(input.refs)]),
	"remedy": _remedy,
} if {
	input.object.spec.validation.wellKnownCACertificates == "System"
	input.controllers.cilium
}

findings contains {
	"path": _path,
	"message": sprintf("%s knows no well-known CAs %q, only System", [backend.controllers[name].title, value]),
	"effect": backend.refused(name, input.refs),
	"remedy": _remedy,
} if {
	value := input.object.spec.validation.wellKnownCACertificates
	not value in {"", "System"}
	some name in ["envoy-gateway", "nginx-gateway-fabric", "kgateway"]
	input.controllers[name]
}

findings contains {
	"path": _path,
	"message": sprintf("%s knows no well-known CAs %q, and goes on with the roots of its proxies", [backend.controllers[name].title, value]),
	"effect": sprintf("%s is believed with a certificate of any public CA", [text.targets(input.refs)]),
	"remedy": _remedy,
	"severity": "warning",
} if {
	value := input.object.spec.validation.wellKnownCACertificates
	not value in {"", "System"}
	some name in ["istio", "traefik"]
	input.controllers[name]
	not backend.switched_off(name)
}

_path := ["spec", "validation", "wellKnownCACertificates"]

_remedy := "put the CA of the backend into a ConfigMap under ca.crt, and refer to it by caCertificateRefs"
