# METADATA
# title: Backend CA cannot be used
# description: |
#   What `caCertificateRefs` of a BackendTLSPolicy names is there, but holds no CA where controllers look for it: no
#   `ca.crt`, an empty one, one without a single certificate, or it is of a kind that no controller reads. Connections to
#   the backend then fail with 5xx; Envoy Gateway does not even parse the text and reports the policy as accepted.
#
#   Only `ca.crt` is portable. Envoy Gateway also takes `tls.crt` or a sole key, Istio takes `cacert`, and Kong `cert`: where one of
#   them is the only controller, that is no finding. Where no route to the target tells which controller there is, it is a warning:
#   in a cluster the route often comes after the policy.
# related_resources:
#   - description: BackendTLSPolicy
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: [references]
#   since: v0.1.0
package policies["gateway-api"]["backend-ca-unusable"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s holds %s", [ref.label, defect]),
	"effect": sprintf("requests to %s fail with 5xx", [text.targets(input.refs)]),
	"remedy": "put the CA of the backend under ca.crt as PEM",
} if {
	some ref in input.refs["backend-ca"]
	ref.kind in {"ConfigMap", "Secret"}
	defect := _defect(ref)
	count(_perhaps(ref)) == 0
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s holds %s", [ref.label, defect]),
	"effect": sprintf("requests to %s fail with 5xx unless %s serves them", [text.targets(input.refs), concat(" or ", _perhaps(ref))]),
	"remedy": "put the CA of the backend under ca.crt as PEM",
	"severity": "warning",
} if {
	some ref in input.refs["backend-ca"]
	ref.kind in {"ConfigMap", "Secret"}
	defect := _defect(ref)
	count(_perhaps(ref)) > 0
}

findings contains {
	"path": array.concat(ref.path, ["kind"]),
	"message": sprintf("no controller reads a CA from a %s", [ref.kind]),
	"effect": sprintf("requests to %s fail with 5xx", [text.targets(input.refs)]),
	"remedy": "refer to a ConfigMap with the CA under ca.crt",
} if {
	some ref in input.refs["backend-ca"]
	not ref.kind in {"ConfigMap", "Secret", "ClusterTrustBundle"}
}

_defect(ref) := sprintf("no ca.crt, only %s%s", [text.list(ref.keys), text.made(ref)]) if {
	ref.key_presence == "absent"
	count(ref.keys) > 0
	not _other_key_serves(ref)
}

_defect(ref) := "no ca.crt" if {
	ref.key_presence == "absent"
	count(ref.keys) == 0
}

_defect(ref) := "an empty ca.crt" if ref.content.empty

_defect(ref) := sprintf("no certificate under ca.crt%s", [_cause(ref.content.defects[0])]) if {
	not ref.content.opaque
	not ref.content.empty
	count(ref.content.certificates) == 0
}

_cause(defect) := "" if defect.kind == "no-certificate"

_cause(defect) := sprintf(" that can be read: %s", [defect.message]) if defect.kind != "no-certificate"

_other_key_serves(ref) if {
	count(input.controllers) == 1
	some controller, _ in input.controllers
	_reads(controller, ref.keys)
}

# Those that would read the CA, if it were one of them that acts; nobody knows who does.
_perhaps(ref) := {title |
	count(input.controllers) == 0
	ref.key_presence == "absent"
	some controller, title in {"envoy-gateway": "Envoy Gateway", "istio": "Istio", "kong": "Kong"}
	_reads(controller, ref.keys)
}

_reads("envoy-gateway", keys) if "tls.crt" in keys

_reads("envoy-gateway", keys) if count(keys) == 1

_reads("istio", keys) if "cacert" in keys

_reads("kong", keys) if "cert" in keys
