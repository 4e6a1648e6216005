# METADATA
# title: Client certificate for backends cannot be had
# description: |
#   `clientCertificateRef` of a Backend, or of `backendTLS` of an EnvoyProxy, names a Secret that is not there. It must be in the
#   **namespace of the object itself**; a ReferenceGrant changes nothing. Requests to the Backend, or to all backends that the
#   Gateways of the EnvoyProxy reach by TLS, get 500, whether they ask for a client certificate or not.
#
#   A missing one is a warning, because key pairs are often made by hand outside Git or a moment later; the profile `strict` denies
#   it.
# related_resources:
#   - description: Envoy Gateway, internal/gatewayapi/backend.go, validateBackendTLSSettings
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/backend.go
#   - description: Envoy Gateway, internal/gatewayapi/backendtlspolicy.go, processClientTLSSettings
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/backendtlspolicy.go
# custom:
#   severity: error
#   kinds:
#     - Backend.gateway.envoyproxy.io
#     - EnvoyProxy.gateway.envoyproxy.io
#   triggers: [references]
#   since: v0.1.0
#   profiles: {strict: deny}
package policies["envoy-gateway"]["client-certificate-missing"]

import data.lib.text

findings contains {
	"path": array.concat(ref.path, ["namespace"]),
	"message": sprintf("the Secret must be in the namespace of the %s", [input.id.kind]),
	"effect": _effect,
	"remedy": "move the Secret beside it, and remove the namespace",
} if {
	some ref in input.refs["backend-client-certificate"]
	namespace := object.get(input.object, array.concat(ref.path, ["namespace"]), input.id.namespace)
	namespace != input.id.namespace
	input.id.namespace != ""
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect,
	"remedy": text.remedy("create the Secret, or a Certificate that makes it", ref),
	"severity": "warning",
} if {
	some ref in input.refs["backend-client-certificate"]
	ref.presence == "absent"
	object.get(input.object, array.concat(ref.path, ["namespace"]), input.id.namespace) == input.id.namespace
}

_effect := {
	"Backend": "requests to this Backend get 500",
	"EnvoyProxy": "requests to backends that are reached by TLS get 500",
}[input.id.kind]
