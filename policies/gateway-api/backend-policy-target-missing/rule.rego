# METADATA
# title: Target of a BackendTLSPolicy does not exist
# description: |
#   A BackendTLSPolicy is for Services of **its own namespace**, and `targetRefs` has no field for another one. A policy whose
#   Service is not there does nothing: TLS is not set up, requests go to the backend **unencrypted**, and most controllers write
#   no status about it. Only Istio reports `TargetNotFound`.
#
#   It is an error where the namespace is declared complete, and where a Service of that name stands in another namespace. Where
#   a Service is named nearly like it, it is a warning. Where only other Services of the namespace are in the tree, or a route
#   sends requests to the one that is missing, nothing is said: charts bring their Services along. Admission says nothing either:
#   the Service may come after its policy, and until then nobody sends requests to it.
# related_resources:
#   - description: BackendTLSPolicy, targetRefs
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
#   - description: kgateway, the status of a policy stays empty
#     ref: https://github.com/kgateway-dev/kgateway/issues/14747
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: ['spec.targetRefs[*]', spec.targetRef]
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-target-missing"]

import data.lib.text

findings contains _finding(ref, "error", sprintf("name a Service of namespace %s", [ref.namespace])) if {
	some ref in input.refs["policy-target"]
	ref.presence == "absent"
	ref.kind == "Service"
	ref.evidence == "complete"
	count(_elsewhere(ref)) == 0
}

findings contains _finding(ref, "error", sprintf("move the policy and its CA to the namespace of %s", [elsewhere[0]])) if {
	some ref in input.refs["policy-target"]
	ref.presence == "absent"
	ref.kind == "Service"
	elsewhere := _elsewhere(ref)
	count(elsewhere) > 0
	_certain(ref)
}

findings contains _finding(ref, "warning", sprintf("name a Service of namespace %s", [ref.namespace])) if {
	some ref in input.refs["policy-target"]
	ref.presence == "absent"
	ref.kind == "Service"
	ref.evidence == "near-miss"
	count(_elsewhere(ref)) == 0
	_certain(ref)
}

# A route to the Service speaks for one that is kept elsewhere, unless everything of the namespace is here.
_certain(ref) if ref.evidence == "complete"

_certain(ref) if {
	ref.evidence == "near-miss"
	count([route | some route in input.peers.route; route.path == ref.path]) == 0
}

# A Service of that name in another namespace.
_elsewhere(ref) := [near.label |
	some near in ref.near
	near.label != ref.label
	startswith(near.label, "Service ")
	endswith(near.label, sprintf("/%s", [ref.name]))
]

_finding(ref, severity, way) := {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": "the policy is for nothing, and requests that it should encrypt are sent unencrypted",
	"remedy": text.remedy(way, ref),
	"severity": severity,
}
