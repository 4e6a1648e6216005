# METADATA
# title: Kong does not verify a backend that is to be verified
# description: |
#   `konghq.com/tls-verify` is a boolean as Go reads one: `true`, `True`, `TRUE`, `t`, `T` or `1`. With `yes`, `on` or `enabled`
#   Kong's controller takes it for not set, says nothing, and **any certificate of the backend is believed**.
#
#   CAs that are named without `tls-verify: "true"` are left out as well: the controller reports an event, and the
#   requests go on without a check.
#
#   A KongServiceFacade is read as its Service is, with the annotations of both; where they differ, those of the facade count.
# related_resources:
#   - description: Kong's controller, internal/annotations/annotations.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/annotations/annotations.go
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
#   - description: Kong, a CA that is loaded verifies nothing by itself
#     ref: https://github.com/Kong/kong/issues/13657
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com]
#   triggers:
#     - 'metadata.annotations["konghq.com/tls-verify"]'
#     - 'metadata.annotations["konghq.com/ca-certificates-secrets"]'
#     - 'metadata.annotations["konghq.com/ca-certificates-configmaps"]'
#   since: v0.1.0
package policies.kong["backend-not-verified"]

import data.lib.kong
import data.lib.text

findings contains object.union(
	_finding("konghq.com/tls-verify", sprintf("konghq.com/tls-verify %q is no boolean, and counts as not set", [value])),
	_fix(value),
) if {
	value := input.object.metadata.annotations["konghq.com/tls-verify"]
	value != ""
	not value in (kong.truth | kong.falsehood)
	not input.peers["backend-policy"]
	not text.unfilled(value)
	not _meant_off(value)
}

findings contains _finding(key, sprintf("%s is read only with konghq.com/tls-verify: \"true\"", [key])) if {
	some key in kong.lists
	trim(input.object.metadata.annotations[key], ", ") != ""
	not input.peers["backend-policy"]
	not kong.completed("konghq.com/tls-verify")
	annotations := kong.annotations
	_not_asked_for(annotations)
}

_not_asked_for(annotations) if not annotations["konghq.com/tls-verify"]

_not_asked_for(annotations) if annotations["konghq.com/tls-verify"] in (kong.falsehood | {""})

# Whoever wrote this does not want it verified, and it is not.
_meant_off(value) if lower(trim_space(value)) in {"off", "no", "false", "none", "disabled", "f", "0"}

_finding(key, message) := {
	"path": ["metadata", "annotations", key],
	"message": message,
	"effect": sprintf("any certificate of %s is believed", [input.id.label]),
	"remedy": "set konghq.com/tls-verify: \"true\"",
}

_fix(value) := {"fix": {
	"title": "set konghq.com/tls-verify to \"true\"",
	"safe": false,
	"edits": [{"op": "set", "path": ["metadata", "annotations", "konghq.com/tls-verify"], "value": "true"}],
}} if {
	_meant_on(value)
}

_fix(value) := {} if not _meant_on(value)

_meant_on(value) if lower(trim_space(value)) in {"on", "yes", "true", "enabled", "y"}
