# METADATA
# title: ReferenceGrant permits nothing
# description: |
#   A ReferenceGrant lets objects of one kind and namespace refer to objects of its own namespace. Some write it for what no field can
#   do: a BackendTLSPolicy has **no reference that leads to another namespace**, neither to a Service nor to a CA; a Gateway
#   refers to no Service, and a route to no Secret. Some write a group that nothing has: that of Secrets, ConfigMaps and Services is
#   empty, that of Gateways has no version. And within one namespace nothing needs a grant. What the grant was written for stays
#   refused.
# related_resources:
#   - description: ReferenceGrant
#     ref: https://gateway-api.sigs.k8s.io/api-types/referencegrant/
#   - description: A Certificate does not reach a Gateway of another namespace by a grant
#     ref: https://github.com/cert-manager/cert-manager/issues/8359
# custom:
#   severity: warning
#   kinds: [ReferenceGrant.gateway.networking.k8s.io]
#   triggers:
#     - spec.from
#   since: v0.1.0
package policies["gateway-api"]["grant-inert"]

import data.lib.text

findings contains {
	"path": ["spec", "from", index, "kind"],
	"message": sprintf("no field of a %s leads to another namespace by leave of a grant", [from.kind]),
	"effect": _effect,
	"remedy": "keep what it refers to in its own namespace",
} if {
	some index, from in input.object.spec.from
	from.group == _group
	from.kind in {"BackendTLSPolicy", "GatewayClass", "ReferenceGrant"}
}

findings contains {
	"path": ["spec", "from", index, "group"],
	"message": sprintf("there is no %s of group %q", [from.kind, from.group]),
	"effect": _effect,
	"remedy": sprintf("write %s", [_group]),
	"fix": {
		"title": sprintf("write %s", [_group]),
		"safe": false,
		"edits": [{"op": "set", "path": ["spec", "from", index, "group"], "value": _group}],
	},
} if {
	some index, from in input.object.spec.from
	_reach[from.kind]
	_no_group(from.group)
}

findings contains {
	"path": ["spec", "to", index, "group"],
	"message": sprintf("the group of a %s is empty, not %q", [to.kind, to.group]),
	"effect": _effect,
	"remedy": "write `group: \"\"`",
	"fix": {
		"title": "write an empty group",
		"safe": false,
		"edits": [{"op": "set", "path": ["spec", "to", index, "group"], "value": ""}],
	},
} if {
	some index, to in input.object.spec.to
	to.group in {"core", "v1", "core/v1"}
	to.kind in _core
}

findings contains {
	"path": ["spec", "from", index, "namespace"],
	"message": "it is the namespace of the grant, and within a namespace nothing needs one",
	"effect": _effect,
	"remedy": "write the namespace of the objects that refer to this one",
} if {
	some index, from in input.object.spec.from
	from.namespace == input.id.namespace
}

findings contains {
	"path": ["spec", "to", index, "kind"],
	"message": sprintf("no %s refers to a %s", [text.list(sort({from.kind | some from in input.object.spec.from})), to.kind]),
	"effect": _effect,
	"remedy": "write the kind of what is referred to",
} if {
	some index, to in input.object.spec.to
	to.kind in _core
	count(input.object.spec.from) > 0
	every from in input.object.spec.from {
		from.group == _group
		not to.kind in _reach[from.kind]
		_reach[from.kind]
	}
}

_group := "gateway.networking.k8s.io"

_no_group(group) if group in {"", "core", "gateway.networking.k8s"}

_no_group(group) if startswith(group, "gateway.networking.k8s.io/")

_core := {"Secret", "ConfigMap", "Service"}

# What the fields of each kind lead to (gateway-api, apis/v1).
_reach := {
	"Gateway": {"Secret", "ConfigMap"},
	"ListenerSet": {"Secret"},
	"HTTPRoute": {"Service"},
	"GRPCRoute": {"Service"},
	"TLSRoute": {"Service"},
	"TCPRoute": {"Service"},
	"UDPRoute": {"Service"},
}

_effect := "what it was written for stays refused"
