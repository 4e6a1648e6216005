# METADATA
# title: Policy takes the place of the Gateway's client validation
# description: |
#   Both the Gateway (`spec.tls.frontend`) and a ClientTrafficPolicy say how clients of an HTTPS listener are verified. Envoy Gateway
#   goes by the **policy, and says so nowhere**. Where that is milder (`Request`, `RequireAny`, `VerifyIfGiven`, `optional`), clients
#   come in whom the Gateway is written to keep out: an error. Where it only names other CAs, those of the Gateway verify nobody: a
#   warning.
#
#   A Gateway in mode `AllowInsecureFallback` lets everybody in by itself.
# related_resources:
#   - description: Envoy Gateway, internal/gatewayapi/clienttrafficpolicy.go, buildListenerTLSParameters
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/clienttrafficpolicy.go
#   - description: Envoy Gateway, internal/gatewayapi/helpers.go, irTLSConfigs
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/helpers.go
# custom:
#   severity: error
#   kinds: [ClientTrafficPolicy.gateway.envoyproxy.io]
#   triggers:
#     - spec.tls.clientValidation
#   since: v0.1.0
package policies["envoy-gateway"]["client-validation-overridden"]

import data.lib.gateway
import data.lib.text

findings contains {
	"path": _mild.path,
	"message": sprintf("%s takes the place of spec.tls.frontend of %s, which verifies all clients", [_mild.label, peer.label]),
	"effect": sprintf("%s reach backends %s", [text.list(clients), _mild.effect]),
	"remedy": "set mode to RequireAndVerify, or change the Gateway if that is meant",
	"related": [_related(peer)],
} if {
	_mild
	some peer in input.peers["policy-gateway"]
	peer.object.spec.tls.frontend
	clients := [gateway.audience(listener) |
		some listener in _listeners(peer)
		validation := gateway.validation(peer.object.spec.tls.frontend, listener)
		object.get(validation, "mode", "AllowValidOnly") == "AllowValidOnly"
	]
	count(clients) > 0
}

findings contains {
	"path": ["spec", "tls", "clientValidation", "caCertificateRefs"],
	"message": sprintf("these CAs take the place of those of spec.tls.frontend of %s", [peer.label]),
	"effect": sprintf("%s are verified by these alone", [text.list(clients)]),
	"remedy": "name the same CAs in both, or only in one",
	"severity": "warning",
	"related": [_related(peer)],
} if {
	not _mild
	some peer in input.peers["policy-gateway"]
	peer.object.spec.tls.frontend
	own := _authorities(input.object.spec.tls.clientValidation, input.object.metadata)
	count(own) > 0
	clients := [gateway.audience(listener) |
		some listener in _listeners(peer)
		own != _authorities(gateway.validation(peer.object.spec.tls.frontend, listener), peer.object.metadata)
	]
	count(clients) > 0
}

# Settings that let in whom the Gateway would not.
_mild := {"path": ["spec", "tls", "clientValidation", "mode"], "label": sprintf("mode %s", [mode]), "effect": effect} if {
	mode := input.object.spec.tls.clientValidation.mode
	effect := {
		"Request": "with a certificate that anybody made, or with none",
		"RequireAny": "with a certificate that anybody made",
		"VerifyIfGiven": "without a certificate",
	}[mode]
}

_mild := {"path": ["spec", "tls", "clientValidation", "optional"], "label": "optional", "effect": "without a certificate"} if {
	input.object.spec.tls.clientValidation.optional == true
	not input.object.spec.tls.clientValidation.mode
}

# The HTTPS listeners that this policy is for. One for a single listener goes before one for the whole.
_listeners(peer) := [listener |
	target := object.get(input.object, peer.path, {})
	some listener in peer.object.spec.listeners
	listener.protocol == "HTTPS"
	object.get(target, "sectionName", listener.name) == listener.name
	not _taken(target, listener)
]

_taken(target, listener) if {
	not target.sectionName
	some other in input.peers["client-policy"]
	some section in array.concat(object.get(other.object.spec, "targetRefs", []), [ref | ref := other.object.spec.targetRef])
	section.name == target.name
	section.sectionName == listener.name
}

_authorities(validation, metadata) := {[object.get(ref, "kind", "Secret"), object.get(ref, "namespace", object.get(metadata, "namespace", "")), ref.name] |
	some ref in validation.caCertificateRefs
}

_related(peer) := object.union(
	object.filter(peer, ["group", "kind", "namespace", "name"]),
	{"path": ["spec", "tls", "frontend"], "message": "how the Gateway verifies clients"},
)
