# METADATA
# title: Secret of a BackendConfigPolicy does not exist
# description: |
#   `spec.tls.secretRef` names a Secret in the namespace of the policy, and it is not there. kgateway refuses the policy, and requests to its backends
#   **fail with 5xx**; it does not fall back to plain HTTP.
# related_resources:
#   - description: kgateway, pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
# custom:
#   severity: error
#   kinds:
#     - BackendConfigPolicy.gateway.kgateway.dev
#   triggers:
#     - spec.tls.secretRef
#   since: v0.1.0
package policies.kgateway["backend-secret-missing"]

import data.lib.kgateway
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": kgateway.refused,
	"remedy": text.remedy("create the Secret with the CA under ca.crt", ref),
} if {
	some ref in input.refs["kgateway-backend-ca"]
	ref.presence == "absent"
	object.get(input.object.spec.tls, "insecureSkipVerify", false) != true
}
