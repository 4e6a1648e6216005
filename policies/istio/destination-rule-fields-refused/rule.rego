# METADATA
# title: TLS settings of a DestinationRule do not go together
# description: |
#   The fields of `tls` are for one mode each, and for one place that certificates come from. **Istio's webhook refuses**:
#
#   - mode `MUTUAL` with neither `credentialName` nor both of `clientCertificate` and `privateKey`;
#   - `credentialName` beside files;
#   - `configmap://` of another namespace than the rule's own;
#   - a CA or names beside `insecureSkipVerify`. With mode `SIMPLE`, `credentialName` is refused there too.
#
#   Where the webhook was not asked, requests for which there is no certificate are sent **in plain text**, and of two places
#   the credential counts.
#
#   Modes `DISABLE` and `ISTIO_MUTUAL` read none of these fields, and take them in silence: a warning. What was to be verified by that CA is
#   sent in plain text, or by the mesh's own certificates.
# related_resources:
#   - description: Istio, pkg/config/validation/agent/validation.go, ValidateTLS
#     ref: https://github.com/istio/istio/blob/master/pkg/config/validation/agent/validation.go
#   - description: Istio, pilot/pkg/networking/core/cluster_tls.go, buildUpstreamClusterTLSContext
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_tls.go
# custom:
#   severity: error
#   kinds: [DestinationRule.networking.istio.io]
#   controllers: [istio]
#   triggers:
#     - spec.trafficPolicy.tls.mode
#     - spec.trafficPolicy.portLevelSettings[*].tls.mode
#     - spec.subsets[*].trafficPolicy.tls.mode
#     - spec.subsets[*].trafficPolicy.portLevelSettings[*].tls.mode
#   since: v0.1.0
package policies.istio["destination-rule-fields-refused"]

import data.lib.mesh
import data.lib.text

findings contains {
	"path": array.concat(entry.path, ["tls", "mode"]),
	"message": sprintf("mode MUTUAL shows %v a certificate, and there is no %s", [entry.to, concat(" and no ", missing)]),
	"effect": "Istio refuses the DestinationRule",
	"remedy": "set clientCertificate and privateKey, or credentialName; or set mode to SIMPLE to show none",
} if {
	some entry in mesh.policies(input.object)
	entry.policy.tls.mode == "MUTUAL"
	object.get(entry.policy.tls, "credentialName", "") == ""
	missing := [field | some field in ["clientCertificate", "privateKey"]; object.get(entry.policy.tls, field, "") == ""]
	count(missing) > 0
}

findings contains {
	"path": array.concat(entry.path, ["tls", set[0]]),
	"message": sprintf("certificates for %v come from credentialName, and %s would be another place", [entry.to, text.list(set)]),
	"effect": "Istio refuses the DestinationRule",
	"remedy": "keep one of the two",
} if {
	some entry in mesh.policies(input.object)
	entry.policy.tls.mode in {"SIMPLE", "MUTUAL"}
	entry.policy.tls.credentialName != ""
	set := mesh.fields(entry.policy.tls, _files)
	count(set) > 0
}

findings contains {
	"path": array.concat(entry.path, ["tls", "credentialName"]),
	"message": sprintf("the ConfigMap is of namespace %s, and the rule of %s", [namespace, input.id.namespace]),
	"effect": "Istio refuses the DestinationRule",
	"remedy": sprintf("put the CA into a ConfigMap of namespace %s", [input.id.namespace]),
} if {
	some entry in mesh.policies(input.object)
	startswith(entry.policy.tls.credentialName, "configmap://")
	not text.unfilled(entry.policy.tls.credentialName)
	parts := split(trim_prefix(entry.policy.tls.credentialName, "configmap://"), "/")
	count(parts) == 2
	namespace := parts[0]
	not input.id.namespace in {namespace, ""}
}

findings contains {
	"path": array.concat(entry.path, ["tls", set[0]]),
	"message": sprintf("insecureSkipVerify verifies nothing, and %s would", [text.list(set)]),
	"effect": "Istio refuses the DestinationRule",
	"remedy": "remove insecureSkipVerify",
} if {
	some entry in mesh.policies(input.object)
	entry.policy.tls.insecureSkipVerify == true
	set := mesh.fields(entry.policy.tls, _verifying[entry.policy.tls.mode])
	count(set) > 0
}

findings contains {
	"path": array.concat(entry.path, ["tls", set[0]]),
	"message": sprintf("mode %s does not read %s", [entry.policy.tls.mode, text.list(set)]),
	"effect": sprintf("requests to %v %s", [entry.to, outcome]),
	"remedy": "remove them, or set the mode that they were written for",
	"severity": "warning",
} if {
	some entry in mesh.policies(input.object)
	outcome := _outcomes[entry.policy.tls.mode]
	some field in _unread
	not object.get(entry.policy.tls, field, "") in {"", null}
	set := mesh.fields(entry.policy.tls, _unread)
}

_files := ["clientCertificate", "privateKey", "caCertificates", "caCrl"]

_unread := ["credentialName", "clientCertificate", "privateKey", "caCertificates", "caCrl"]

_verifying := {
	"SIMPLE": ["caCertificates", "credentialName", "subjectAltNames"],
	"MUTUAL": ["caCertificates", "subjectAltNames"],
}

_outcomes := {
	"DISABLE": "are sent unencrypted",
	"ISTIO_MUTUAL": "are sent with the mesh's own certificates",
}
