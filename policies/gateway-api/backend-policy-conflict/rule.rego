# METADATA
# title: Two BackendTLSPolicies for one target
# description: |
#   Two policies name the same Service, and the same section of it or both none. The **older one counts**, then the first
#   by name; the other gets `Accepted=False/Conflicted`, and its CA and hostname do nothing. Deleting and creating a policy
#   anew changes which one wins. Kong rejects all policies of a Service that has two, which `backend-policy-sections-conflict` says.
#
#   Files do not tell which is older, so both are reported; in a cluster only the one that loses is. A policy for one section
#   beside one for the whole Service is no conflict. Where files set no namespace it is a warning: the two may be meant for
#   different ones.
# related_resources:
#   - description: BackendTLSPolicy, conflict resolution
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-conflict"]

findings contains {
	"path": peer.path,
	"message": sprintf("%s names it too", [peer.label]),
	"effect": sprintf("only the older of two policies for %s%s is in force", [_section(peer.path), target.label]),
	"remedy": "merge the two, or give each a sectionName of its own",
	"severity": _severity,
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": peer.their_path, "message": "the other policy"},
	)],
} if {
	some peer in input.peers.target
	peer.age != "newer"
	some target in input.refs["policy-target"]
	target.path == peer.path
	not _alone("kong")
	not _switched_off(peer)
}

_alone(name) if {
	input.controllers[name]
	count(input.controllers) == 1
}

# Istio ignores one of the two.
_switched_off(peer) if {
	_alone("istio")
	some policy in [input.object, peer.object]
	lower(policy.metadata.annotations["istio.io/ignore-policy-attachment"]) == "true"
}

# Where no namespace is set, the two may be meant for different ones.
_severity := "warning" if input.id.namespace == ""

_severity := "error" if input.id.namespace != ""

_section(path) := sprintf("section %s of ", [section]) if {
	section := object.get(input.object, array.concat(path, ["sectionName"]), "")
	section != ""
}

_section(path) := "" if object.get(input.object, array.concat(path, ["sectionName"]), "") == ""
