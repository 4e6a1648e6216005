# METADATA
# title: Protocol that Kong does not know
# description: |
#   `konghq.com/protocol` of a Service is `http`, `https`, `grpc`, `grpcs`, `ws`, `wss`, `tls`, `tcp` or `tls_passthrough`, in
#   small letters. With any other value Kong's controller reports an event, and the Service **stays with http**: what was meant
#   to be encrypted is not.
# related_resources:
#   - description: Kong's controller, internal/util/protocol.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/util/protocol.go
#   - description: Kong's controller, internal/dataplane/kongstate/service.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/kongstate/service.go
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com]
#   triggers:
#     - 'metadata.annotations["konghq.com/protocol"]'
#   since: v0.1.0
package policies.kong["protocol-unknown"]

import data.lib.kong
import data.lib.text

findings contains object.union(
	{
		"path": ["metadata", "annotations", "konghq.com/protocol"],
		"message": sprintf("Kong knows no protocol %q, and calls %s by http", [value, input.id.label]),
		"effect": sprintf("requests to %s are sent unencrypted", [input.id.label]),
		"remedy": "set it to https, or to what else the backend speaks, in small letters",
	},
	_fix(lower(trim_space(value))),
) if {
	value := input.object.metadata.annotations["konghq.com/protocol"]
	value != ""
	not value in kong.protocols
	not input.peers["backend-policy"]
	not text.unfilled(value)
}

_fix(meant) := {"fix": {
	"title": sprintf("set konghq.com/protocol to %s", [meant]),
	"safe": false,
	"edits": [{"op": "set", "path": ["metadata", "annotations", "konghq.com/protocol"], "value": meant}],
}} if {
	meant in kong.protocols
}

_fix(meant) := {} if not meant in kong.protocols
