# METADATA
# title: Gateway does not take the ListenerSet
# description: |
#   A Gateway takes ListenerSets only from namespaces that its `allowedListeners` names, and **by default from none**. The others get
#   `Accepted=False/NotAllowed`: none of their hosts is served, and none of their certificates shown. Nor is a set served whose
#   Gateway does not exist, which is a warning: the Gateway is often in another repository, or applied a moment later.
#
#   Where the Gateway chooses namespaces by labels other than their names, nothing is said.
# related_resources:
#   - description: Gateway API, conformance test listenerset-default-not-allowed
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/conformance/tests/listenerset-default-not-allowed.go
#   - description: ListenerSet, GEP-1713
#     ref: https://gateway-api.sigs.k8s.io/geps/gep-1713/
# custom:
#   severity: error
#   kinds:
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers:
#     - spec.parentRef
#   since: v0.1.0
package policies["gateway-api"]["listener-set-not-attached"]

import data.lib.gateway
import data.lib.text

findings contains {
	"path": ["spec", "parentRef"],
	"message": sprintf("%s takes no ListenerSet of namespace %s (allowedListeners: %s)", [peer.label, input.id.namespace, _from(peer.object)]),
	"effect": _effect,
	"remedy": "have the namespace admitted under allowedListeners of the Gateway",
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": ["spec"], "message": "says which ListenerSets it takes"},
	)],
} if {
	some peer in input.peers.parent
	gateway.admits(object.get(peer.object.spec, ["allowedListeners", "namespaces"], {}), "None", peer.namespace, input.id.namespace) == false
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect,
	"remedy": text.remedy("name the Gateway that serves it", ref),
	"severity": "warning",
} if {
	some ref in input.refs["parent-gateway"]
	ref.presence == "absent"
}

_effect := sprintf("%s get no connection", [text.list([gateway.audience(listener) | some listener in input.object.spec.listeners])])

_from(object_) := object.get(object_.spec, ["allowedListeners", "namespaces", "from"], "None, the default")
