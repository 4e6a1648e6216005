# METADATA
# title: Client CA of a Gateway cannot be had
# description: |
#   A CA for client certificates (`spec.tls.frontend`, or `frontendValidation` of a listener in older releases) is in
#   another namespace without a ReferenceGrant, or is not there. Listeners on the port get
#   `Accepted=False/NoValidCACertificate`: **the port goes dark**, it does not open.
# related_resources:
#   - description: Client certificate validation, GEP-91
#     ref: https://gateway-api.sigs.k8s.io/geps/gep-91/
# custom:
#   severity: error
#   kinds: [Gateway.gateway.networking.k8s.io]
#   triggers: [references]
#   since: v0.1.0
package policies["gateway-api"]["frontend-ca-missing"]

import data.lib.gateway
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": gateway.dark(ref),
	"remedy": sprintf("create a ReferenceGrant in namespace %s, or keep the CA beside the Gateway", [ref.namespace]),
} if {
	some ref in input.refs["frontend-ca"]
	ref.grant == "not-granted"
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": gateway.dark(ref),
	"remedy": text.remedy(sprintf("create the %s with the CA under ca.crt", [ref.kind]), ref),
} if {
	some ref in input.refs["frontend-ca"]
	ref.presence == "absent"
	ref.kind in {"ConfigMap", "Secret", "ClusterTrustBundle"}
}
