# METADATA
# title: Clients get in without a valid certificate
# description: |
#   `mode: AllowInsecureFallback` asks clients for a certificate and **lets in who shows none, an expired one, or one of a
#   stranger**. It is for moving clients over, and for backends that judge certificates themselves. The Gateway gets the
#   condition `InsecureFrontendValidationMode`, which few look at.
# related_resources:
#   - description: Gateway API, FrontendValidationModeType
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
# custom:
#   severity: warning
#   kinds: [Gateway.gateway.networking.k8s.io]
#   triggers:
#     - spec.tls.frontend.default.validation.mode
#     - spec.tls.frontend.perPort[*].tls.validation.mode
#   since: v0.1.0
package policies["gateway-api"]["client-validation-insecure"]

findings contains {
	"path": ["spec", "tls", "frontend", "default", "validation", "mode"],
	"message": _message,
	"effect": "requests through the HTTPS listeners reach backends without a valid client certificate",
	"remedy": _remedy,
} if {
	input.object.spec.tls.frontend["default"].validation.mode == "AllowInsecureFallback"
}

findings contains {
	"path": ["spec", "tls", "frontend", "perPort", index, "tls", "validation", "mode"],
	"message": _message,
	"effect": sprintf("requests through port %v reach backends without a valid client certificate", [entry.port]),
	"remedy": _remedy,
} if {
	some index, entry in input.object.spec.tls.frontend.perPort
	entry.tls.validation.mode == "AllowInsecureFallback"
}

_message := "AllowInsecureFallback lets in who shows no certificate, or a wrong one"

_remedy := "set mode to AllowValidOnly when all clients have certificates"
