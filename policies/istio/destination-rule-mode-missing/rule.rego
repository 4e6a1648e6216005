# METADATA
# title: TLS settings of a DestinationRule without a mode
# description: |
#   Without `mode`, `tls` of a DestinationRule is read as **DISABLE**: Istio's proxies send plain text, whatever CA, certificate or
#   credential stands beside it. Automatic mTLS is off for the host as well. Istio's webhook and `istioctl analyze` accept it without
#   a word.
#
#   Where plain text is meant, write `mode: DISABLE`. With the parameter `inject: always` the webhook writes `MUTUAL` beside a client
#   certificate, and `SIMPLE` beside a CA alone. A credential may hold either, and is left to you.
# related_resources:
#   - description: Istio, ClientTLSSettings
#     ref: https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings
#   - description: Istio, pkg/config/validation/agent/validation.go, ValidateTLS
#     ref: https://github.com/istio/istio/blob/master/pkg/config/validation/agent/validation.go
# custom:
#   severity: error
#   kinds: [DestinationRule.networking.istio.io]
#   controllers: [istio]
#   triggers:
#     - spec.trafficPolicy.tls
#     - spec.trafficPolicy.portLevelSettings[*].tls
#     - spec.subsets[*].trafficPolicy.tls
#     - spec.subsets[*].trafficPolicy.portLevelSettings[*].tls
#   since: v0.1.0
#   default: true
#   parameters:
#     inject:
#       description: "Whether the webhook writes the mode that the other fields are for (always), or the DestinationRule is refused (never)."
#       default: never
#       values: [never, always]
package policies.istio["destination-rule-mode-missing"]

import data.lib.mesh

findings contains object.union(
	{
		"path": array.concat(entry.path, ["tls"]),
		"message": "tls has no mode, which Istio reads as DISABLE",
		"effect": sprintf("requests to %v are sent unencrypted", [entry.to]),
		"remedy": _remedy(entry.policy.tls),
	},
	_fix(entry),
) if {
	some entry in mesh.policies(input.object)
	is_object(entry.policy.tls)
	object.get(entry.policy.tls, "mode", "") == ""
}

# The mode that the other fields are for. A credential is for either of two.
_meant(tls) := "MUTUAL" if {
	tls.clientCertificate != ""
	tls.privateKey != ""
} else := "SIMPLE" if {
	tls.caCertificates != ""
} else := "SIMPLE" if {
	tls.credentialName != ""
}

_remedy(tls) := sprintf("set mode to %s%s", [_meant(tls), _or(tls)])

_remedy(tls) := "set mode: SIMPLE to verify the server, MUTUAL to show it a certificate too, DISABLE if plain text is meant" if {
	not _meant(tls)
}

_or(tls) := ", or to MUTUAL if the Secret holds a client certificate too" if tls.credentialName != ""

_or(tls) := "" if object.get(tls, "credentialName", "") == ""

default _fix(_) := {}

# A credential may hold a CA alone, or a certificate too.
_fix(entry) := {"fix": {
	"title": sprintf("set mode to %s", [_meant(entry.policy.tls)]),
	"safe": true,
	"edits": [{"op": "set", "path": array.concat(entry.path, ["tls", "mode"]), "value": _meant(entry.policy.tls)}],
}} if {
	input.params["istio/destination-rule-mode-missing"].inject == "always"
	object.get(entry.policy.tls, "credentialName", "") == ""
}
