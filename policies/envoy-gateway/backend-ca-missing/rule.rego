# METADATA
# title: CA of a Backend cannot be had
# description: |
#   `spec.tls.caCertificateRefs` of a Backend names what is not there, or has neither `ca.crt` nor `tls.crt` among several keys.
#   Envoy Gateway answers **500 to requests for the Backend**.
#
#   Where only one key is there, Envoy Gateway takes it, whatever its name.
# related_resources:
#   - description: Envoy Gateway, internal/gatewayapi/backendtlspolicy.go
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/backendtlspolicy.go
# custom:
#   severity: error
#   kinds: [Backend.gateway.envoyproxy.io]
#   triggers:
#     - spec.tls.caCertificateRefs
#   since: v0.1.0
package policies["envoy-gateway"]["backend-ca-missing"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect,
	"remedy": text.remedy(sprintf("create the %s with the CA of the backend under ca.crt", [ref.kind]), ref),
} if {
	some ref in input.refs["backend-trust"]
	ref.presence == "absent"
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s has no ca.crt", [ref.label]),
	"effect": _effect,
	"remedy": "put the CA of the backend under ca.crt as PEM",
} if {
	some ref in input.refs["backend-trust"]
	ref.key_presence == "absent"
	count(ref.keys) != 1
	not "tls.crt" in ref.keys
}

_effect := "requests to this Backend get 500"
