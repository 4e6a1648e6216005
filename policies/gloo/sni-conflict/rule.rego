# METADATA
# title: Two VirtualServices take the same host name of TLS
# description: |
#   `sniDomains` of a VirtualService decide which of its listener's certificates and client checks a connection gets. Two with an equal name, or
#   two without any, on one Gateway and with different `sslConfig` are two filter chains for the same connections. **Envoy refuses the whole listener**: no change of
#   any VirtualService of that Gateway takes effect any more, and a proxy that starts anew has no HTTPS at all.
#
#   The same `sslConfig` in both, but for `sniDomains`, is fine: Gloo makes one of them. The rule is an error where a Gateway in sight takes both; a
#   warning where no Gateway with `ssl: true` is in sight, and both are in one namespace with the same labels.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/translator/listener.go, CheckForFilterChainConsistency
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/translator/listener.go
#   - description: kgateway-dev/kgateway#3459
#     ref: https://github.com/kgateway-dev/kgateway/issues/3459
# custom:
#   severity: error
#   kinds:
#     - VirtualService.gateway.solo.io
#   triggers:
#     - spec.sslConfig
#   since: v0.1.0
package policies.gloo["sni-conflict"]

import data.lib.gloo

findings contains {
	"path": peer.path,
	"message": sprintf("%s has %v too, with another sslConfig", [peer.label, peer.key]),
	"effect": _effect,
	"remedy": "give the host name to one of them, or the same sslConfig to both",
	"related": [object.filter(peer, ["group", "kind", "namespace", "name"])],
	"severity": _severity[certainty],
} if {
	some peer in input.peers["gloo-sni"]
	object.remove(peer.object.spec.sslConfig, ["sniDomains"]) != object.remove(input.object.spec.sslConfig, ["sniDomains"])
	certainty := gloo.together(peer.object)
}

findings contains {
	"path": ["spec", "sslConfig"],
	"message": sprintf("neither this nor %s has sniDomains, and their sslConfig differ", [peer.label]),
	"effect": _effect,
	"remedy": "list the hosts of each under sniDomains",
	"related": [object.filter(peer, ["group", "kind", "namespace", "name"])],
	"severity": _severity[certainty],
} if {
	some peer in input.peers["gloo-first-sni"]
	peer.key == "(all)"
	count(object.get(input.object.spec.sslConfig, "sniDomains", [])) == 0
	object.remove(peer.object.spec.sslConfig, ["sniDomains"]) != object.remove(input.object.spec.sslConfig, ["sniDomains"])
	certainty := gloo.together(peer.object)
}

_effect := "Envoy refuses the listener, and no change to it takes effect any more"

_severity := {"known": "error", "assumed": "warning"}
