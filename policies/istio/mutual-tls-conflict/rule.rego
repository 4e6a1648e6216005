# METADATA
# title: Clients and a PeerAuthentication disagree on mTLS
# description: |
#   A DestinationRule says how clients in the mesh call a host, a PeerAuthentication what the pods behind it take. Where the two differ,
#   **every connection is reset**:
#
#   - `STRICT` takes the mesh's mTLS only. A DestinationRule with mode DISABLE or SIMPLE sends something else, and so does a
#     BackendTLSPolicy. With MUTUAL it is a warning: its certificate would have to be one of the mesh.
#   - `DISABLE` takes plain text only, and a DestinationRule with mode ISTIO_MUTUAL insists on mTLS.
#
#   Istio had an analyzer for it once, and has none today. What counts is a PeerAuthentication with a selector for the pods of the
#   Service, then that of their namespace, then that of istio-system. Where it cannot be told, nothing is said: selectors that may or
#   may not take the pods, and modes of single ports.
#
#   A PeerAuthentication for the whole mesh says nothing of pods without a proxy, which a DestinationRule may well call without mTLS:
#   it makes a note. So does one for a namespace with a BackendTLSPolicy, but as a warning.
# related_resources:
#   - description: Istio, PeerAuthentication
#     ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#   - description: Istio, pilot/pkg/networking/core/cluster_tls.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_tls.go
#   - description: Kiali, validations KIA0205 to KIA0208, KIA0501, KIA0505 and KIA0506
#     ref: https://kiali.io/docs/features/validations/
# custom:
#   severity: error
#   kinds:
#     - DestinationRule.networking.istio.io
#     - BackendTLSPolicy.gateway.networking.k8s.io
#   controllers: [istio]
#   triggers:
#     - spec.trafficPolicy.tls
#     - spec.trafficPolicy.portLevelSettings[*].tls
#     - spec.subsets[*].trafficPolicy.tls
#     - spec.subsets[*].trafficPolicy.portLevelSettings[*].tls
#     - spec.targetRefs
#   since: v0.1.0
package policies.istio["mutual-tls-conflict"]

import data.lib.backend
import data.lib.mesh

findings contains {
	"path": array.concat(entry.path, ["tls", "mode"]),
	"message": sprintf("%s takes %s, and clients are to use %s", [decided.peer.label, _takes[decided.mode], mode]),
	"effect": sprintf("every connection to %s is reset", [entry.to]),
	"remedy": _remedy[decided.mode],
	"severity": _severity(decided, mode),
	"related": [mesh.related(decided.peer, sprintf("mode %s", [decided.mode]))],
} if {
	_policies
	input.id.kind == "DestinationRule"
	some entry in mesh.policies(input.object)
	mode := entry.policy.tls.mode
	some ref in input.refs.destination
	decided := _decided(ref)
	[mode, decided.mode] in _contrary
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s takes %s, and the policy has clients use TLS of their own", [decided.peer.label, _takes[decided.mode]]),
	"effect": sprintf("every connection to %s is reset", [ref.label]),
	"remedy": "remove the policy, or have the port excepted in a PeerAuthentication (portLevelMtls)",
	"severity": _severities[decided.level],
	"related": [mesh.related(decided.peer, "mode STRICT")],
} if {
	_policies
	input.id.kind == "BackendTLSPolicy"
	some ref in input.refs["policy-target"]
	ref.kind == "Service"
	not backend.switched_off("istio")
	decided := _decided(ref)
	decided.mode == "STRICT"
}

_policies if input.peers["peer-authentication"]

_policies if input.peers["mesh-peer-authentication"]

_contrary := {["DISABLE", "STRICT"], ["SIMPLE", "STRICT"], ["MUTUAL", "STRICT"], ["ISTIO_MUTUAL", "DISABLE"]}

_takes := {"STRICT": "the mesh's mTLS only (STRICT)", "DISABLE": "plain text only (DISABLE)"}

_remedy := {
	"STRICT": "remove tls, as mTLS is then automatic, or except the port in a PeerAuthentication (portLevelMtls)",
	"DISABLE": "remove tls, or set the PeerAuthentication to STRICT or PERMISSIVE",
}

# Who takes plain text only does so with a proxy and without.
_severity(decided, _) := "error" if decided.mode == "DISABLE"

_severity(decided, mode) := {"workload": "error", "namespace": "error", "mesh": "info"}[decided.level] if {
	decided.mode == "STRICT"
	mode != "MUTUAL"
}

_severity(decided, mode) := {"workload": "warning", "namespace": "warning", "mesh": "info"}[decided.level] if {
	decided.mode == "STRICT"
	mode == "MUTUAL"
}

_severities := {"workload": "error", "namespace": "warning", "mesh": "info"}

# The policy that holds for all pods of a Service and all their ports.
_decided(ref) := decided if {
	count(_doubtful(ref)) == 0
	levels := [decided |
		some level in ["workload", "namespace", "mesh"]
		decided := _at(level, ref)
	]
	decided := levels[0]
	object.get(decided.peer.object.spec, "portLevelMtls", {}) == {}
}

_at(level, ref) := {"level": level, "mode": mode, "peer": peers[0]} if {
	peers := [peer | some peer in _of(level, ref); not _mode(peer) in {"", "UNSET"}]
	modes := {_mode(peer) | some peer in peers}
	count(modes) == 1
	some mode in modes
}

_mode(peer) := object.get(peer.object, ["spec", "mtls", "mode"], "")

_of("workload", ref) := [peer |
	some peer in _beside(ref)
	count(_labels(peer)) > 0
	_taken(peer, ref)
]

_of("namespace", ref) := [peer | some peer in _beside(ref); count(_labels(peer)) == 0]

_of("mesh", _) := [peer | some peer in input.peers["mesh-peer-authentication"]; count(_labels(peer)) == 0]

_beside(ref) := [peer | some peer in input.peers["peer-authentication"]; peer.namespace == ref.namespace]

_labels(peer) := object.get(peer.object, ["spec", "selector", "matchLabels"], {})

# It takes all pods of the Service.
_taken(peer, ref) if {
	every label, value in _labels(peer) {
		ref.object.spec.selector[label] == value
	}
}

# It takes none of them.
_passed(peer, ref) if {
	some label, value in _labels(peer)
	ref.object.spec.selector[label] != value
}

# Those of which neither is certain, and lists that are not whole.
_doubtful(ref) := array.concat(
	[peer |
		some peer in _beside(ref)
		count(_labels(peer)) > 0
		not _taken(peer, ref)
		not _passed(peer, ref)
	],
	[index | some index in input.truncated; index in {"peer-authentication", "mesh-peer-authentication"}],
)
