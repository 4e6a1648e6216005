# METADATA
# title: Settings of TLS for a Service that Kong does not call by https
# description: |
#   Kong takes `tls-verify` (true or false) and `tls-verify-depth` for a Service that it calls by `https` or `tls`, and for no
#   other. Without `konghq.com/protocol` it calls by `http`, and it takes neither of them for `grpcs` and `wss`, nor a
#   `client-cert`.
#
#   Kong's controller lets them pass, and the data plane refuses **the whole configuration**: without a database, no change of
#   any object takes effect until the Service is mended, and a data plane that starts anew serves nothing. With the feature gate
#   `FallbackConfiguration`, which is off by default, only the Service is left out.
#
#   A BackendTLSPolicy sets the protocol to https: of a Service that has one in sight nothing is said.
#
#   A KongServiceFacade is read as its Service is, with the annotations of both; where they differ, those of the facade count. So one that says
#   `http` in front of a Service with `tls-verify` has all of it refused.
# related_resources:
#   - description: Kong, kong/db/schema/entities/services.lua, entity_checks
#     ref: https://github.com/Kong/kong/blob/master/kong/db/schema/entities/services.lua
#   - description: Kong, tls_verify and grpcs
#     ref: https://github.com/Kong/kong/issues/14727
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com]
#   triggers:
#     - 'metadata.annotations["konghq.com/protocol"]'
#     - 'metadata.annotations["konghq.com/tls-verify"]'
#     - 'metadata.annotations["konghq.com/tls-verify-depth"]'
#     - 'metadata.annotations["konghq.com/client-cert"]'
#   since: v0.1.0
package policies.kong["tls-without-https"]

import data.lib.kong

findings contains object.union(
	_finding("konghq.com/tls-verify", protocol),
	_fix(protocol),
) if {
	input.object.metadata.annotations["konghq.com/tls-verify"] in (kong.truth | kong.falsehood)
	not input.peers["backend-policy"]
	not kong.completed("konghq.com/protocol")
	protocol := kong.protocol(kong.annotations)
	not protocol in kong.encrypted
}

findings contains _finding("konghq.com/tls-verify-depth", protocol) if {
	kong.whole(input.object.metadata.annotations["konghq.com/tls-verify-depth"])
	not input.peers["backend-policy"]
	not kong.completed("konghq.com/protocol")
	protocol := kong.protocol(kong.annotations)
	not protocol in kong.encrypted
}

# With other protocols the controller leaves the certificate out, which client-certificate-not-sent says.
findings contains _finding("konghq.com/client-cert", protocol) if {
	input.object.metadata.annotations["konghq.com/client-cert"] != ""
	not input.peers["backend-policy"]
	not kong.completed("konghq.com/protocol")
	protocol := kong.protocol(kong.annotations)
	protocol in {"grpcs", "wss"}
}

# A facade takes the protocol away under what its Service says of TLS.
findings contains {
	"path": ["metadata", "annotations", "konghq.com/protocol"],
	"message": sprintf("%s of its Service is for https and tls, and %s is called by %s", [key, input.id.label, protocol]),
	"effect": kong.frozen,
	"remedy": sprintf("remove konghq.com/protocol, or set %s to \"\" here", [key]),
} if {
	input.id.kind == "KongServiceFacade"
	protocol := input.object.metadata.annotations["konghq.com/protocol"]
	protocol in kong.protocols
	not protocol in kong.encrypted
	key := "konghq.com/tls-verify"
	not input.object.metadata.annotations[key]
	kong.annotations[key] in (kong.truth | kong.falsehood)
	not input.peers["backend-policy"]
}

_finding(key, protocol) := {
	"path": ["metadata", "annotations", key],
	"message": sprintf("%s is for https and tls, and %s is called by %s", [key, input.id.label, protocol]),
	"effect": kong.frozen,
	"remedy": _remedy(key, protocol),
}

_remedy(_, "http") := "set konghq.com/protocol: https, if that is what the backend speaks"

_remedy(key, protocol) := sprintf("remove %s: Kong has no such setting for backends that it calls by %s", [key, protocol]) if protocol != "http"

# Who wants it verified means https.
_fix(protocol) := {"fix": {
	"title": "set konghq.com/protocol to https",
	"safe": false,
	"edits": [{"op": "set", "path": ["metadata", "annotations", "konghq.com/protocol"], "value": "https"}],
}} if {
	protocol == "http"
	input.object.metadata.annotations["konghq.com/tls-verify"] in kong.truth
}

_fix(protocol) := {} if protocol != "http"

_fix(_) := {} if input.object.metadata.annotations["konghq.com/tls-verify"] in kong.falsehood
