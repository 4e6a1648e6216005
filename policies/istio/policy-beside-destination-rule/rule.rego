# METADATA
# title: A DestinationRule stands beside a BackendTLSPolicy
# description: |
#   A BackendTLSPolicy and a DestinationRule are for the same Service, and Istio makes one of the two.
#
#   - Since release 1.31 what the **DestinationRule** says holds, and the policy fills in the rest. A `tls` in the rule switches the
#     policy's CA and hostname off.
#   - Before, the traffic policy of the **older one** holds as a whole. A DestinationRule that only sets timeouts so switches TLS off,
#     and requests are sent unencrypted; a newer one does nothing.
#
#   A rule with mode SIMPLE or MUTUAL, which is TLS of the server's own as well, is a warning.
#
#   Set `controllers.settings.istio.version` in the config to have told which. Keep the settings of TLS in one of the two; with
#   `istio.io/ignore-policy-attachment: "true"` Istio leaves the policy to other controllers.
# related_resources:
#   - description: Istio, releasenotes/notes/60358.yaml
#     ref: https://github.com/istio/istio/issues/60358
#   - description: Istio, a policy replaced a DestinationRule
#     ref: https://github.com/istio/istio/issues/60122
#   - description: Istio, pilot/pkg/model/destination_rule.go, mergeDestinationRule
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/model/destination_rule.go
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [istio]
#   since: v0.1.0
package policies.istio["policy-beside-destination-rule"]

import data.lib.backend
import data.lib.mesh
import data.lib.text

findings contains {
	"path": peer.path,
	"message": sprintf("%s sets up TLS for it too, with mode %s", [peer.label, entry.policy.tls.mode]),
	"effect": sprintf("clients in the mesh follow that mode for %s, and not the policy", [entry.to]),
	"remedy": "keep one of the two, or annotate the policy with istio.io/ignore-policy-attachment: \"true\"",
	"severity": _severity(entry.policy.tls.mode),
	"related": [mesh.related(peer, "the DestinationRule")],
} if {
	some peer in input.peers["destination-rule"]
	not backend.switched_off("istio")
	peer.namespace == input.id.namespace
	not peer.object.spec.workloadSelector
	some entry in mesh.policies(peer.object)
	entry.policy.tls.mode != ""
	entry.path[1] != "subsets"
}

findings contains {
	"path": peer.path,
	"message": sprintf("%s has a trafficPolicy, and Istio before 1.31 takes that of the older one as a whole", [peer.label]),
	"effect": _effect[peer.age],
	"remedy": "remove the DestinationRule, or set up TLS in it and remove the policy",
	"related": [mesh.related(peer, "the DestinationRule")],
} if {
	some peer in input.peers["destination-rule"]
	mesh.before(31)
	peer.age != "newer"
	not backend.switched_off("istio")
	peer.namespace == input.id.namespace
	not peer.object.spec.workloadSelector
	peer.object.spec.trafficPolicy
	not _encrypting(peer)
}

# With these there is some TLS of a server's own at least.
_severity(mode) := "warning" if mode in {"SIMPLE", "MUTUAL"}

_severity(mode) := "error" if not mode in {"SIMPLE", "MUTUAL"}

_encrypting(peer) if {
	some entry in mesh.policies(peer.object)
	entry.policy.tls
}

_effect := {
	"older": sprintf("requests to %s are sent without the TLS of the policy", [text.targets(input.refs)]),
	"unknown": sprintf("requests to %s are sent without the TLS of the policy if the DestinationRule is older", [text.targets(input.refs)]),
}
