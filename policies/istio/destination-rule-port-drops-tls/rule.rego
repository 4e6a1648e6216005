# METADATA
# title: Settings for a port drop the TLS of a DestinationRule
# description: |
#   An entry of `portLevelSettings` **replaces the whole policy** for its port. One without `tls`, which sets a timeout, say, takes
#   away the `tls` beside it: requests to that port are sent in plain text, or with the mTLS of the mesh where the other side is in it.
#   An entry of a subset takes away that of the destination too.
#
#   Repeat `tls` under the port. If the port speaks no TLS, write `tls: {mode: DISABLE}`.
#
#   Beside `ISTIO_MUTUAL` it is a note: mTLS is then automatic on that port, and no longer insisted on.
# related_resources:
#   - description: Istio, settings for a port replace those of the destination
#     ref: https://github.com/istio/istio/issues/58297
#   - description: Istio, pilot/pkg/networking/util/util.go, GetPortLevelTrafficPolicy
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/networking/util/util.go
# custom:
#   severity: error
#   kinds: [DestinationRule.networking.istio.io]
#   controllers: [istio]
#   triggers:
#     - spec.trafficPolicy.portLevelSettings
#     - spec.subsets[*].trafficPolicy.portLevelSettings
#   since: v0.1.0
package policies.istio["destination-rule-port-drops-tls"]

import data.lib.mesh

findings contains object.union(_verdict(tls, entry.to), {
	"path": entry.path,
	"message": sprintf("it has no tls, and replaces the policy with mode %s for its port", [tls.mode]),
	"remedy": "repeat tls in the entry, or write tls: {mode: DISABLE} if the port speaks none",
	"fix": {
		"title": "repeat tls in the entry",
		"safe": false,
		"edits": [{"op": "set", "path": array.concat(entry.path, ["tls"]), "value": tls}],
	},
}) if {
	some owner in _owners
	some entry in mesh.ports(owner.path, owner.fields, owner.to)
	not entry.policy.tls
	tls := owner.tls
}

# Who has settings for ports, and the TLS that holds for it without them.
_owners := array.concat(
	[{"path": ["spec"], "fields": input.object.spec, "to": input.object.spec.host, "tls": input.object.spec.trafficPolicy.tls} |
		_encrypts(input.object.spec.trafficPolicy.tls)
	],
	[{"path": ["spec", "subsets", i], "fields": subset, "to": sprintf("subset %v of %v", [subset.name, input.object.spec.host]), "tls": tls} |
		some i, subset in input.object.spec.subsets
		tls := object.get(subset, ["trafficPolicy", "tls"], object.get(input.object.spec, ["trafficPolicy", "tls"], {}))
		_encrypts(tls)
	],
)

_encrypts(tls) if tls.mode in {"SIMPLE", "MUTUAL", "ISTIO_MUTUAL"}

_verdict(tls, to) := {"effect": sprintf("requests to %s are sent without this TLS, unencrypted to a server outside the mesh", [to])} if {
	tls.mode != "ISTIO_MUTUAL"
}

_verdict(tls, to) := {
	"effect": sprintf("mTLS for requests to %s is left to Istio, which sends plain text to pods without a proxy", [to]),
	"severity": "info",
} if {
	tls.mode == "ISTIO_MUTUAL"
}
