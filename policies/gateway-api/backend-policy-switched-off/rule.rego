# METADATA
# title: Istio is told to ignore a BackendTLSPolicy
# description: |
#   `istio.io/ignore-policy-attachment: "true"` has Istio ignore the policy, and its status say `IgnoredByIstio`. Unless a
#   DestinationRule sets TLS up instead, requests go to the backend **unencrypted**.
# related_resources:
#   - description: Istio, pilot/pkg/config/kube/gateway/backend_policies.go, IgnorePolicyAttachment
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/backend_policies.go
# custom:
#   severity: info
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [istio]
#   triggers: ['metadata.annotations["istio.io/ignore-policy-attachment"]']
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-switched-off"]

import data.lib.backend
import data.lib.text

findings contains {
	"path": ["metadata", "annotations", "istio.io/ignore-policy-attachment"],
	"message": "the annotation has Istio ignore the policy",
	"effect": sprintf("requests to %s are sent unencrypted unless a DestinationRule sets TLS up", [text.targets(input.refs)]),
	"remedy": "remove the annotation, or the policy",
} if {
	input.controllers.istio
	backend.switched_off("istio")
}
