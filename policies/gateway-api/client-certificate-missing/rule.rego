# METADATA
# title: Client certificate of a Gateway cannot be had
# description: |
#   `spec.tls.backend.clientCertificateRef` names a Secret in another namespace that no ReferenceGrant there opens to the Gateway,
#   or a Secret that is not there. **Backends that ask for a client certificate refuse the Gateway.** The Gateway gets
#   `ResolvedRefs=False`, but stays `Accepted` and `Programmed`, so that dashboards look green.
#
#   A Secret that is not granted is an error whatever else holds, and whether it exists is then not told. A missing one is a
#   warning, because key pairs are often made by hand outside Git or a moment later; the profile `strict` denies it.
# related_resources:
#   - description: Gateway API, conformance test gateway-invalid-tls-backend-configuration
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/conformance/tests/gateway-invalid-tls-backend-configuration.go
#   - description: Envoy Gateway, internal/gatewayapi/listener.go, ProcessGatewayTLS
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/listener.go
# custom:
#   severity: error
#   kinds: [Gateway.gateway.networking.k8s.io]
#   triggers: [references]
#   since: v0.1.0
#   profiles: {strict: deny}
package policies["gateway-api"]["client-certificate-missing"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect,
	"remedy": sprintf("create a ReferenceGrant in namespace %s, or move the Secret beside the Gateway", [ref.namespace]),
} if {
	some ref in input.refs["gateway-client-certificate"]
	ref.grant == "not-granted"
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect,
	"remedy": text.remedy("create the Secret, or a Certificate that makes it", ref),
	"severity": "warning",
} if {
	some ref in input.refs["gateway-client-certificate"]
	ref.presence == "absent"
	ref.kind == "Secret"
	ref.group == ""
}

_effect := "backends that ask for a client certificate refuse this Gateway"
