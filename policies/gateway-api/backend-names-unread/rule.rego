# METADATA
# title: Controller does not verify subjectAltNames
# description: |
#   With `subjectAltNames` the certificate of a backend must be for one of them, and `hostname` is only what it is asked for (SNI).
#   Support is optional. NGINX Gateway Fabric and Cilium **compare the certificate with `hostname` as before**: a backend without
#   that name is refused, and one with it is believed whoever it is. Kong refuses the policy, takes it out, and calls the backend
#   **unencrypted**.
# related_resources:
#   - description: Cilium, subjectAltNames are not implemented
#     ref: https://github.com/cilium/cilium/issues/47194
#   - description: NGINX Gateway Fabric, subjectAltNames are not supported
#     ref: https://github.com/nginx/nginx-gateway-fabric/issues/3152
#   - description: Kong, internal/controllers/gateway/backendtlspolicy_utils.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/controllers/gateway/backendtlspolicy_utils.go
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [nginx-gateway-fabric, kong, cilium]
#   triggers: ['spec.validation.subjectAltNames[*]']
#   since: v0.1.0
package policies["gateway-api"]["backend-names-unread"]

import data.lib.backend
import data.lib.text

findings contains {
	"path": ["spec", "validation", "subjectAltNames"],
	"message": sprintf("%s supports no subjectAltNames and takes the policy out", [backend.controllers[name].title]),
	"effect": backend.refused(name, input.refs),
	"remedy": "remove subjectAltNames, and set hostname to a name of the backend's certificate",
} if {
	count(input.object.spec.validation.subjectAltNames) > 0
	some name, _ in input.controllers
	backend.controllers[name].names == "refused"
}

findings contains {
	"path": ["spec", "validation", "subjectAltNames"],
	"message": sprintf("%s verifies hostname, %s, and no subjectAltNames", [backend.controllers[name].title, input.object.spec.validation.hostname]),
	"effect": sprintf("requests to %s fail with 5xx unless its certificate is for %s", [text.targets(input.refs), input.object.spec.validation.hostname]),
	"remedy": "remove subjectAltNames, and set hostname to a name of the backend's certificate",
	"severity": "warning",
} if {
	count(input.object.spec.validation.subjectAltNames) > 0
	some name, _ in input.controllers
	backend.controllers[name].names == "unread"
}
