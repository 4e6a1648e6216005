# METADATA
# title: Kong does not load a CA without its label
# description: |
#   Kong's controller sends to the data planes the CAs of Secrets and ConfigMaps that bear the label `konghq.com/ca-cert:
#   "true"`, and no others. The `id` of one without it still goes into the settings of the Service. Kong then logs that the CA
#   does not exist, and verifies the backend without it: **every request gets 502**, while the status of a BackendTLSPolicy
#   stays `Accepted=True`.
# related_resources:
#   - description: Kong's controller, internal/store/store.go, ListCACerts
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/store/store.go
#   - description: Kong, kong/runloop/upstream_ssl.lua
#     ref: https://github.com/Kong/kong/blob/master/kong/runloop/upstream_ssl.lua
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com, BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.kong["ca-not-labelled"]

import data.lib.kong

findings contains {
	"path": ref.path,
	"message": sprintf("%s lacks the label konghq.com/ca-cert: \"true\", without which Kong does not load it", [ref.label]),
	"effect": sprintf("requests to %s get 502 where its certificate is of that CA", [kong.verified]),
	"remedy": sprintf("add the label to the %s", [ref.kind]),
} if {
	some ref in kong.authorities
	ref.presence == "present"
	ref.labels
	object.get(ref.labels, "konghq.com/ca-cert", "") != "true"
}
