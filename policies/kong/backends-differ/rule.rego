# METADATA
# title: Services of one rule differ in annotations that Kong reads
# description: |
#   Kong calls the Services of one rule of a route in one way. Its controller wants **every annotation that starts with
#   `konghq.com` to be equal** on all of them, and leaves the rule out otherwise: its requests get 404.
#
#   A BackendTLSPolicy is no annotation, and is not compared. Where only some of the Services have one, its protocol and its CAs
#   hold for **all of them**: a Service that speaks plain HTTP, or shows a certificate of another CA, then answers with 502.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go, collectInconsistentAnnotations
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
#   - description: Kong's controller, Services of one rule with other annotations
#     ref: https://github.com/Kong/kubernetes-ingress-controller/issues/2565
# custom:
#   severity: error
#   kinds: [HTTPRoute.gateway.networking.k8s.io, GRPCRoute.gateway.networking.k8s.io]
#   controllers: [kong]
#   triggers: ['spec.rules[*].backendRefs[*]']
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies.kong["backends-differ"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s and %s differ in %s", [other.label, ref.label, text.list(keys)]),
	"effect": "Kong leaves the rule out, and its requests get 404",
	"remedy": "annotate all Services of the rule in the same way",
} if {
	input.controllers.kong
	some ref in input.refs["route-backend"]
	ref.path[4] > 0
	other := _first(ref)
	keys := sort(_differences(_annotations(ref), _annotations(other)))
	count(keys) > 0
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s has no BackendTLSPolicy, and stands in one rule with %s, which has", [ref.label, text.list(sort(covered))]),
	"effect": sprintf("Kong calls %s by the policy too, and requests to it get 502 unless it shows a certificate that the policy wants", [ref.label]),
	"remedy": sprintf("write a policy for %s, or give it a rule of its own", [ref.label]),
	"severity": "warning",
} if {
	input.controllers.kong
	input.peers["backend-policy"]
	some ref in input.refs["route-backend"]
	ref.kind == "Service"
	not _truncated
	not ref.path in _covered
	covered := {other.label |
		some other in input.refs["route-backend"]
		other.path[2] == ref.path[2]
		other.path in _covered
	}
	count(covered) > 0
}

_truncated if "backend-policy" in input.truncated

_covered := {peer.path | some peer in input.peers["backend-policy"]}

# The first Service of the same rule, if both are in sight.
_first(ref) := other if {
	some other in input.refs["route-backend"]
	other.path == array.concat(array.slice(ref.path, 0, 4), [0])
	other.label != ref.label
	other.object
	ref.object
}

_annotations(ref) := object.get(ref.object, ["metadata", "annotations"], {})

_differences(a, b) := {key |
	some key in object.keys(object.union(a, b))
	object.get(a, key, null) != object.get(b, key, null)
}
