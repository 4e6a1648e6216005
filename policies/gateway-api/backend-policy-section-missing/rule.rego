# METADATA
# title: Section of a BackendTLSPolicy is no port of its Service
# description: |
#   `sectionName` of a target is the **name** of a port of the Service. Its number, or the name of a container's port, names no
#   section: the policy is then for no port, and requests go to the backend **unencrypted**. Only Istio says so in the policy's
#   status. A port without a name cannot be named.
#
#   So it is with a ServiceEntry of Istio, to which requests then go as its clients write them.
#
#   Kong does not read `sectionName` and takes the policy for all ports: where only Kong acts, nothing is said.
# related_resources:
#   - description: Gateway API, sectionName is the name of a port
#     ref: https://github.com/kubernetes-sigs/gateway-api/issues/3474
#   - description: Envoy Gateway, sectionName is the name of a port
#     ref: https://github.com/envoyproxy/gateway/issues/4769
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: ['spec.targetRefs[*].sectionName', spec.targetRef.sectionName]
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-section-missing"]

import data.lib.backend
import data.lib.text

findings contains object.union(_finding(ref, section, sprintf(": %s is the name of that port", [port.name])), {
	"remedy": sprintf("set sectionName to %s", [port.name]),
	"fix": {
		"title": sprintf("set sectionName to %s", [port.name]),
		"safe": false,
		"edits": [{"op": "set", "path": array.concat(ref.path, ["sectionName"]), "value": port.name}],
	},
}) if {
	some ref in input.refs["policy-target"]
	section := _missing(ref)
	meant := _meant(ref, section)
	count(meant) == 1
	some port in meant
}

findings contains object.union(_finding(ref, section, sprintf(", only %s", [text.list(names)])), {"remedy": sprintf("set sectionName to %s, or leave it out", [names[0]])}) if {
	some ref in input.refs["policy-target"]
	section := _missing(ref)
	count(_meant(ref, section)) != 1
	names := _names(ref)
	count(names) > 0
}

findings contains object.union(_finding(ref, section, ": its port has no name"), {"remedy": "leave sectionName out, or give the port a name"}) if {
	some ref in input.refs["policy-target"]
	section := _missing(ref)
	count(_names(ref)) == 0
}

# A section that is none, of a Service or ServiceEntry whose ports are all in sight.
_missing(ref) := section if {
	ref.kind in {"Service", "ServiceEntry"}
	section := backend.section(ref)
	section != ""
	count(ref.object.spec.ports) > 0
	not section in _names(ref)
	not _only_kong
	not text.unfilled(section)
}

_only_kong if {
	input.controllers.kong
	count(input.controllers) == 1
}

_names(ref) := [port.name | some port in ref.object.spec.ports; object.get(port, "name", "") != ""]

# The ports with a name that have this number, or lead to a container's port of this name.
_meant(ref, section) := {port |
	some port in ref.object.spec.ports
	object.get(port, "name", "") != ""
	section in {sprintf("%v", [object.get(port, field, "")]) | some field in ["port", "number", "targetPort"]}
}

_finding(ref, section, hint) := {
	"path": array.concat(ref.path, ["sectionName"]),
	"message": sprintf("%s has no port named %q%s", [ref.label, section, hint]),
	"effect": sprintf("the policy is for no port, and requests to %s are sent %s", [ref.label, _sent[ref.kind]]),
}

_sent := {"Service": "unencrypted", "ServiceEntry": "as clients write them"}
