# METADATA
# title: Backend CA does not exist
# description: |
#   `caCertificateRefs` of a BackendTLSPolicy names an object that is not there. By the specification the policy gets
#   `ResolvedRefs=False/InvalidCACertificateRef` and connections to the backend fail with 5xx. Istio sidecars before 1.30.4
#   and 1.29.7 **sent plaintext instead** (GHSA-qm8v-g4f9-qhjx), and so does Kong, which takes such a policy out.
#
#   The rule fires only where something shows that the object is missing. If it is made elsewhere, declare it under
#   `external:`; what cert-manager, trust-manager, a SealedSecret or an ExternalSecret in the tree will create counts as
#   there.
# related_resources:
#   - description: BackendTLSPolicy
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: [references]
#   since: v0.1.0
package policies["gateway-api"]["backend-ca-missing"]

import data.lib.backend
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": backend.without_ca(input.refs),
	"remedy": text.remedy(sprintf("create the %s with the CA under ca.crt", [ref.kind]), ref),
} if {
	some ref in input.refs["backend-ca"]
	ref.kind in {"ConfigMap", "Secret"}
	ref.presence == "absent"
	not backend.passed_over(ref)
}
