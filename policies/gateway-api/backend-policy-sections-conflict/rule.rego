# METADATA
# title: Controller tells two policies of a Service not apart by section
# description: |
#   By the specification a BackendTLSPolicy for one section of a Service comes before one for all of it, and the two do not
#   conflict. Some controllers see it differently.
#
#   - **Kong** reads no section. It takes out all policies of a Service that has two, and calls the backend unencrypted.
#   - **NGINX Gateway Fabric** and **Traefik** let the older policy count for a port that both are for, and give the other
#     `Accepted=False/Conflicted`. Where the one for all of the Service is older, the one for the section does nothing.
# related_resources:
#   - description: NGINX Gateway Fabric, internal/controller/state/graph/backend_refs.go, selectBackendTLSPolicyForService
#     ref: https://github.com/nginx/nginx-gateway-fabric/blob/main/internal/controller/state/graph/backend_refs.go
#   - description: Traefik, pkg/provider/kubernetes/gateway/httproute.go
#     ref: https://github.com/traefik/traefik/blob/master/pkg/provider/kubernetes/gateway/httproute.go
#   - description: Kong, internal/dataplane/translator/ingressrules.go, handleBackendTLSPolices
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [nginx-gateway-fabric, traefik, kong]
#   triggers: ['spec.targetRefs[*]', spec.targetRef]
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-sections-conflict"]

import data.lib.backend

findings contains object.union(_finding(peer), {
	"message": sprintf("%s is for %s too, and Kong takes both out", [peer.label, ref.label]),
	"effect": sprintf("requests to %s are sent unencrypted", [ref.label]),
	"remedy": "merge the two into one policy",
}) if {
	input.controllers.kong
	input.id.namespace != ""
	some peer in input.peers["policy-target"]
	some ref in input.refs["policy-target"]
	ref.path == peer.path
	ref.kind == "Service"
}

findings contains object.union(_finding(peer), {
	"message": sprintf("%s is for %s too, and %s lets the older policy count, whatever its section", [peer.label, ref.label, backend.controllers[name].title]),
	"effect": sprintf("where the policy for all of %s is older, the one for section %s does nothing", [ref.label, section]),
	"remedy": "give each policy a sectionName of its own",
	"severity": "warning",
}) if {
	some name in ["nginx-gateway-fabric", "traefik"]
	input.controllers[name]
	input.id.namespace != ""
	some peer in input.peers["policy-target"]
	peer.age != "newer"
	some ref in input.refs["policy-target"]
	ref.path == peer.path
	ref.kind == "Service"
	some section in _overlaps(ref, peer)
}

# One is for a section, and the other for all of the Service.
_overlaps(ref, peer) := {section |
	some target in backend.targets(peer.object)
	target.kind == "Service"
	target.name == ref.name
	sections := {backend.section(ref), object.get(target, "sectionName", "")}
	count(sections) == 2
	"" in sections
	some section in sections
	section != ""
}

_finding(peer) := {
	"path": peer.path,
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": peer.their_path, "message": "the other policy"},
	)],
}
