# METADATA
# title: ClientTrafficPolicy lets clients in that nobody verified
# description: |
#   `clientValidation` asks for certificates, and a setting beside it does not hold clients to them.
#
#   - Mode `Request` lets in **who shows none, or one of a stranger**; `RequireAny` wants one, of whomever. Only the backend can judge
#     it, by the header `x-forwarded-client-cert`.
#   - Mode `VerifyIfGiven`, and `optional: true` as it was once written, let in who shows none: a note.
#   - `allowExpiredCertificate` lets in who shows one that is over, such as one that was stolen and left to run out.
# related_resources:
#   - description: Envoy Gateway, api/v1alpha1/tls_types.go, ClientValidationModeType
#     ref: https://github.com/envoyproxy/gateway/blob/main/api/v1alpha1/tls_types.go
#   - description: Envoy Gateway, internal/gatewayapi/clienttrafficpolicy.go
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/clienttrafficpolicy.go
# custom:
#   severity: warning
#   kinds: [ClientTrafficPolicy.gateway.envoyproxy.io]
#   triggers:
#     - spec.tls.clientValidation.mode
#     - spec.tls.clientValidation.optional
#     - spec.tls.clientValidation.allowExpiredCertificate
#   since: v0.1.0
package policies["envoy-gateway"]["clients-not-verified"]

findings contains {
	"path": ["spec", "tls", "clientValidation", "mode"],
	"message": sprintf("mode %s takes certificates of any issuer", [mode]),
	"effect": {
		"Request": "requests reach backends with a certificate that anybody made, or with none",
		"RequireAny": "requests reach backends with a certificate that anybody made",
	}[mode],
	"remedy": "set mode to RequireAndVerify, or have the backend judge certificates",
} if {
	mode := input.object.spec.tls.clientValidation.mode
	mode in {"Request", "RequireAny"}
}

findings contains {
	"path": ["spec", "tls", "clientValidation", "mode"],
	"message": "mode VerifyIfGiven verifies only certificates that are shown",
	"effect": _without,
	"remedy": "set mode to RequireAndVerify when all clients have certificates",
	"severity": "info",
} if {
	input.object.spec.tls.clientValidation.mode == "VerifyIfGiven"
}

findings contains {
	"path": ["spec", "tls", "clientValidation", "optional"],
	"message": "with optional, only certificates that are shown are verified",
	"effect": _without,
	"remedy": "set mode to RequireAndVerify when all clients have certificates, and remove optional",
	"severity": "info",
} if {
	input.object.spec.tls.clientValidation.optional == true
	not input.object.spec.tls.clientValidation.mode
}

findings contains {
	"path": ["spec", "tls", "clientValidation", "allowExpiredCertificate"],
	"message": "nobody looks at the end of their certificates",
	"effect": "requests reach backends with a certificate that has expired",
	"remedy": "remove it, and have clients renew their certificates",
} if {
	input.object.spec.tls.clientValidation.allowExpiredCertificate == true
}

_without := "requests reach backends without a certificate"
