# METADATA
# title: Kong takes one certificate for a listener
# description: |
#   Of a listener with several `certificateRefs` Kong's controller **takes none**, and reports an event: clients are shown the
#   default certificate of Kong, a self-signed one for `localhost` unless somebody has set another.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/translate_certs.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/translate_certs.go
#   - description: Kong's controller, several certificates of a listener
#     ref: https://github.com/Kong/kubernetes-ingress-controller/issues/2604
# custom:
#   severity: error
#   kinds: [Gateway.gateway.networking.k8s.io]
#   controllers: [kong]
#   triggers: ['spec.listeners[*].tls.certificateRefs']
#   since: v0.1.0
package policies.kong["several-listener-certificates"]

import data.lib.gateway

findings contains {
	"path": ["spec", "listeners", index, "tls", "certificateRefs"],
	"message": sprintf("Kong takes one certificate for a listener, and none of %d", [count(listener.tls.certificateRefs)]),
	"effect": sprintf("%s are shown Kong's default certificate", [gateway.audience(listener)]),
	"remedy": "give each host a listener of its own, with its certificate",
} if {
	input.controllers.kong
	some index, listener in input.object.spec.listeners
	count(listener.tls.certificateRefs) > 1
	gateway.terminates(listener)
}
