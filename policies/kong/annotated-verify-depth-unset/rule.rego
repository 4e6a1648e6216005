# METADATA
# title: Verify depth of a Service is left to the default of Kong
# description: |
#   Without `konghq.com/tls-verify-depth` Kong allows **one intermediate** between the certificate of a backend and the root. Of
#   a backend with a longer chain every request gets 502, and the error log reads like a missing CA.
#
#   The annotation must not be written to one Service alone where a rule of a route sends requests to several: Kong leaves out a
#   rule whose Services differ in any annotation `konghq.com`, and its requests get 404. Such a Service gets no fix. The webhook
#   is not called for Services, and writes it nowhere.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
#   - description: Kong's controller, Services of one rule with other annotations
#     ref: https://github.com/Kong/kubernetes-ingress-controller/issues/2565
# custom:
#   severity: info
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com]
#   triggers: [references]
#   since: v0.1.0
package policies.kong["annotated-verify-depth-unset"]

import data.lib.kong

findings contains object.union(
	{
		"path": ["metadata", "annotations", "konghq.com/tls-verify-depth"],
		"message": "konghq.com/tls-verify-depth is not set, and Kong then allows one intermediate",
		"effect": sprintf("requests to %s get 502 where its certificate has more of them", [input.id.label]),
		"remedy": _remedy,
	},
	_fix,
) if {
	input.refs["kong-ca"]
	count(kong.authorities) > 0
	not input.object.metadata.annotations["konghq.com/tls-verify-depth"]
	not input.peers["backend-policy"]
	not kong.completed("konghq.com/tls-verify-depth")
	annotations := kong.annotations
	not annotations["konghq.com/tls-verify-depth"]
}

# Another Service stands beside it in a rule of a route.
_shared if {
	some route in input.peers.route
	some rule in route.object.spec.rules
	count(rule.backendRefs) > 1
	some backend in rule.backendRefs
	backend.name == input.id.name
}

_shared if "route" in input.truncated

_remedy := sprintf("set it to \"%d\"", [kong.depth]) if not _shared

_remedy := sprintf("set it to \"%d\" on all Services of the rule at once: Kong leaves out a rule whose Services differ", [kong.depth]) if _shared

_fix := {"fix": {
	"title": sprintf("set konghq.com/tls-verify-depth to \"%d\"", [kong.depth]),
	"safe": true,
	"edits": [{"op": "set", "path": ["metadata", "annotations", "konghq.com/tls-verify-depth"], "value": sprintf("%d", [kong.depth])}],
}} if {
	not _shared
}

_fix := {} if _shared
