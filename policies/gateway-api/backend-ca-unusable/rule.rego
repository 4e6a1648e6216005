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

import data.lib.backend
import data.lib.gateway
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s holds %s", [ref.label, defect]),
	"effect": sprintf("requests to %s fail with 5xx", [text.targets(input.refs)]),
	"remedy": "put the CA of the backend under ca.crt as PEM",
} if {
	backend.without_ca(input.refs)
	some ref in input.refs["backend-ca"]
	ref.kind in {"ConfigMap", "Secret"}
	defect := gateway.ca_defect(ref)
	count(gateway.ca_perhaps(ref)) == 0
	not backend.passed_over(ref)
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s holds %s", [ref.label, defect]),
	"effect": sprintf("requests to %s fail with 5xx unless %s serves them", [text.targets(input.refs), concat(" or ", gateway.ca_perhaps(ref))]),
	"remedy": "put the CA of the backend under ca.crt as PEM",
	"severity": "warning",
} if {
	some ref in input.refs["backend-ca"]
	ref.kind in {"ConfigMap", "Secret"}
	defect := gateway.ca_defect(ref)
	count(gateway.ca_perhaps(ref)) > 0
}

findings contains {
	"path": array.concat(ref.path, ["kind"]),
	"message": sprintf("no controller reads a CA from a %s", [ref.kind]),
	"effect": backend.without_ca(input.refs),
	"remedy": "refer to a ConfigMap with the CA under ca.crt",
} if {
	some ref in input.refs["backend-ca"]
	not ref.kind in {"ConfigMap", "Secret", "ClusterTrustBundle"}
	not backend.passed_over(ref)
}
