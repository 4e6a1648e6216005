# METADATA
# title: Not every controller reads this of a BackendTLSPolicy
# description: |
#   Nothing in sight tells which controller acts on the policy, and it asks for more than the specification has all of them
#   support: one ConfigMap with `ca.crt`, and a `hostname`. CAs in Secrets, several CA references, `subjectAltNames`,
#   well-known CAs and `options` are read by some, ignored by some, and some refuse the whole policy.
#
#   Where the controller is known, other rules say what it does. Map the class under `controllers.classes` in the config if it
#   lives elsewhere.
# related_resources:
#   - description: BackendTLSPolicy
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
# custom:
#   severity: info
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers:
#     - references
#     - spec.validation.wellKnownCACertificates
#     - 'spec.validation.subjectAltNames[*]'
#     - spec.options
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-not-portable"]

import data.lib.backend
import data.lib.text

findings contains _finding(array.concat(ref.path, ["kind"]), sprintf("a CA in a %s is", [ref.kind])) if {
	_nobody_known
	some ref in input.refs["backend-ca"]
	ref.kind in {"Secret", "ClusterTrustBundle"}
}

findings contains _finding(input.refs["backend-ca"][1].path, "more than one CA reference is") if {
	_nobody_known
	count(input.refs["backend-ca"]) > 1
}

findings contains _finding(["spec", "validation", "subjectAltNames"], "subjectAltNames are") if {
	_nobody_known
	count(input.object.spec.validation.subjectAltNames) > 0
}

findings contains _finding(["spec", "validation", "wellKnownCACertificates"], "well-known CAs are") if {
	_nobody_known
	input.object.spec.validation.wellKnownCACertificates != ""
}

findings contains _finding(["spec", "options"], "options are") if {
	_nobody_known
	count(input.object.spec.options) > 0
}

_nobody_known if {
	count([name | some name, _ in input.controllers; backend.controllers[name]]) == 0
}

_finding(path, what) := {
	"path": path,
	"message": sprintf("%s not for every controller, and nothing here tells which one acts", [what]),
	"effect": sprintf("requests to %s fail or are sent unencrypted with controllers that refuse the policy", [text.targets(input.refs)]),
	"remedy": "refer to one ConfigMap with ca.crt, or name the controller under controllers.classes in the config",
}
