# METADATA
# title: Client CA of a ClientTrafficPolicy cannot be had
# description: |
#   `spec.tls.clientValidation` verifies clients by CAs, and one of them is not there, is in another namespace without a ReferenceGrant,
#   or holds no `ca.crt`; or there is none at all, though the mode verifies. Envoy Gateway then answers **500 to every request of the
#   listeners**, and lets no connection through listeners of protocol TLS. The same goes for revocation lists (`crl`).
#
#   Where a Secret or ConfigMap has no `ca.crt` but one key only, Envoy Gateway takes that. What is not granted is said before what
#   is missing.
# related_resources:
#   - description: Envoy Gateway, internal/gatewayapi/clienttrafficpolicy.go
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/clienttrafficpolicy.go
# custom:
#   severity: error
#   kinds: [ClientTrafficPolicy.gateway.envoyproxy.io]
#   triggers:
#     - spec.tls.clientValidation
#   since: v0.1.0
package policies["envoy-gateway"]["client-ca-missing"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect,
	"remedy": sprintf("create a ReferenceGrant in namespace %s for ClientTrafficPolicies, or keep it beside the policy", [ref.namespace]),
} if {
	some role in _roles
	some ref in input.refs[role]
	ref.grant == "not-granted"
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect,
	"remedy": text.remedy(sprintf("create the %s with %s", [ref.kind, ref.key]), ref),
} if {
	some role in _roles
	some ref in input.refs[role]
	ref.presence == "absent"
	ref.kind in _kinds
}

# Envoy Gateway takes a sole key, whatever its name.
findings contains {
	"path": ref.path,
	"message": sprintf("%s has no %s", [ref.label, ref.key]),
	"effect": _effect,
	"remedy": sprintf("put it under %s as PEM", [ref.key]),
} if {
	some role in _roles
	some ref in input.refs[role]
	ref.key_presence == "absent"
	count(ref.keys) != 1
}

findings contains {
	"path": ref.path,
	"message": sprintf("Envoy Gateway reads no %s from a %s", [ref.title, ref.kind]),
	"effect": _effect,
	"remedy": "refer to a Secret or ConfigMap",
} if {
	some role in _roles
	some ref in input.refs[role]
	not ref.kind in _kinds
}

findings contains {
	"path": ["spec", "tls", "clientValidation"],
	"message": sprintf("mode %s verifies clients, and there is no CA", [_mode]),
	"effect": _effect,
	"remedy": "name the CA under caCertificateRefs",
} if {
	input.object.spec.tls.clientValidation
	count(object.get(input.object.spec.tls.clientValidation, "caCertificateRefs", [])) == 0
	_mode in {"RequireAndVerify", "VerifyIfGiven"}
}

_roles := ["client-traffic-ca", "client-traffic-revocation"]

_kinds := {"Secret", "ConfigMap", "ClusterTrustBundle"}

_mode := input.object.spec.tls.clientValidation.mode

_mode := "VerifyIfGiven" if {
	not input.object.spec.tls.clientValidation.mode
	input.object.spec.tls.clientValidation.optional == true
}

_mode := "RequireAndVerify" if {
	not input.object.spec.tls.clientValidation.mode
	not input.object.spec.tls.clientValidation.optional
}

_effect := "every request through the listeners of this policy gets 500"
