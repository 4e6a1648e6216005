# METADATA
# title: CA that a Service names for Kong does not exist
# description: |
#   `konghq.com/ca-certificates-secrets` and `-configmaps` list names of Secrets and ConfigMaps in the **namespace of the
#   Service**, with commas between. What is not there Kong's controller passes over with an event, and the backend is verified
#   without it: where it is the only CA, **every request gets 502**. There is no form with a namespace: `infra/backend-ca` is
#   never found.
#
#   The rule fires only where something shows that the object is missing. If it is made elsewhere, declare it under `external:`.
#   Of the CAs of a BackendTLSPolicy speaks `gateway-api/backend-ca-missing`.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com]
#   triggers: [references]
#   since: v0.1.0
package policies.kong["ca-missing"]

import data.lib.kong
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect,
	"remedy": text.remedy(sprintf("create the %s with the CA under ca.crt, an id, and the label konghq.com/ca-cert", [ref.kind]), ref),
} if {
	some ref in kong.authorities
	ref.presence == "absent"
}

findings contains {
	"path": field.path,
	"message": sprintf("%q is no name, and Kong looks in namespace %s only", [field.text, input.id.namespace]),
	"effect": _effect,
	"remedy": "copy the CA into the namespace of the Service, with the same id, and write its name alone",
} if {
	some field in input.malformed["kong-ca"]
	field.in_force
}

_effect := sprintf("requests to %s get 502 where its certificate is of that CA", [input.id.label])
