# METADATA
# title: Clients get in without a valid certificate
# description: |
#   `mode: AllowInsecureFallback` asks clients for a certificate and **lets in who shows none, an expired one, or one of a
#   stranger**. It is for moving clients over, and for backends that judge certificates themselves. The Gateway gets the
#   condition `InsecureFrontendValidationMode`, which few look at.
#
#   Istio reads the mode since 1.31. Before, it requires certificates whatever the mode says, so that an update lets in who was
#   refused. This is told where `version` under `controllers.settings.istio` names such a release.
# related_resources:
#   - description: Gateway API, FrontendValidationModeType
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
#   - description: Istio, AllowInsecureFallback
#     ref: https://github.com/istio/istio/pull/60824
# custom:
#   severity: warning
#   kinds: [Gateway.gateway.networking.k8s.io]
#   triggers:
#     - spec.tls.frontend.default.validation.mode
#     - spec.tls.frontend.perPort[*].tls.validation.mode
#   since: v0.1.0
package policies["gateway-api"]["client-validation-insecure"]

import data.lib.mesh

findings contains {
	"path": ["spec", "tls", "frontend", "default", "validation", "mode"],
	"message": _message,
	"effect": _effect("the HTTPS listeners"),
	"remedy": _remedy,
	"severity": _severity,
} if {
	input.object.spec.tls.frontend["default"].validation.mode == "AllowInsecureFallback"
}

findings contains {
	"path": ["spec", "tls", "frontend", "perPort", index, "tls", "validation", "mode"],
	"message": _message,
	"effect": _effect(sprintf("port %v", [entry.port])),
	"remedy": _remedy,
	"severity": _severity,
} if {
	some index, entry in input.object.spec.tls.frontend.perPort
	entry.tls.validation.mode == "AllowInsecureFallback"
}

_message := "AllowInsecureFallback lets in who shows no certificate, or a wrong one" if not _unread

_message := sprintf("AllowInsecureFallback is read since Istio 1.31, and this is %s", [input.settings.istio.version.value]) if _unread

_effect(through) := sprintf("requests through %s reach backends without a valid client certificate", [through]) if not _unread

_effect(through) := sprintf("requests through %s without a valid client certificate are refused until Istio is updated, and no longer then", [through]) if _unread

_remedy := "set mode to AllowValidOnly when all clients have certificates"

_severity := "warning" if not _unread

_severity := "info" if _unread

# Whoever acts besides may read it.
_unread if {
	object.keys(input.controllers) == {"istio"}
	mesh.before(31)
}
