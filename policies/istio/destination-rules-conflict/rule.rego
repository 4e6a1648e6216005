# METADATA
# title: Two DestinationRules for one host differ in TLS
# description: |
#   Of several DestinationRules of a namespace for one host, Istio adds up the subsets only. `trafficPolicy` is that of **the older one**;
#   the other's, with its `tls`, is dropped without a word. Deleting and creating one anew changes which of them counts.
#
#   Files do not tell which is older, so each that sets up TLS is reported; in a cluster only one that loses is. Rules with different
#   `workloadSelector` or `exportTo` are for different clients.
# related_resources:
#   - description: Istio, pilot/pkg/model/destination_rule.go, mergeDestinationRule
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/model/destination_rule.go
#   - description: Istio, multiple rules for one host
#     ref: https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services
# custom:
#   severity: error
#   kinds: [DestinationRule.networking.istio.io]
#   controllers: [istio]
#   triggers:
#     - spec.trafficPolicy.tls
#     - spec.trafficPolicy.portLevelSettings[*].tls
#   since: v0.1.0
package policies.istio["destination-rules-conflict"]

import data.lib.mesh

findings contains {
	"path": ["spec", "trafficPolicy"],
	"message": sprintf("%s has another tls for the host", [peer.label]),
	"effect": sprintf("clients of %v follow the trafficPolicy of the older of the two only", [input.object.spec.host]),
	"remedy": "merge the two into one DestinationRule",
	"severity": _severity,
	"related": [mesh.related(peer, "the other DestinationRule")],
} if {
	some peer in input.peers["destination-rule"]
	peer.namespace == input.id.namespace
	peer.age != "newer"
	peer.object.spec.trafficPolicy
	_audience(peer.object.spec) == _audience(input.object.spec)
	_tls(peer.object.spec) != _tls(input.object.spec)
}

# Whom a rule is for.
_audience(spec) := {
	"selector": object.get(spec, ["workloadSelector", "matchLabels"], {}),
	"namespaces": {namespace | some namespace in object.get(spec, "exportTo", ["*"])},
}

# All of its settings that are not for subsets.
_tls(spec) := {
	"all": object.get(spec, ["trafficPolicy", "tls"], {}),
	"ports": {[entry.port.number, entry.tls] | some entry in spec.trafficPolicy.portLevelSettings},
}

# Where no namespace is set, the two may be meant for different ones.
_severity := "warning" if input.id.namespace == ""

_severity := "error" if input.id.namespace != ""
