# METADATA
# title: Kong verifies a backend by no CA of its own
# description: |
#   With `konghq.com/tls-verify: "true"` and no CA in `konghq.com/ca-certificates-secrets` or `-configmaps`, Kong verifies the
#   backend by what its data planes trust by themselves (`nginx_proxy_proxy_ssl_trusted_certificate`). Where that is not set
#   they trust **nobody**, and every request gets 502.
#
#   Turn the rule off where data planes have a trust store.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
#   - description: Kong, kong/runloop/upstream_ssl.lua
#     ref: https://github.com/Kong/kong/blob/master/kong/runloop/upstream_ssl.lua
# custom:
#   severity: warning
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com]
#   triggers:
#     - 'metadata.annotations["konghq.com/tls-verify"]'
#   since: v0.1.0
package policies.kong["verify-without-ca"]

import data.lib.kong

findings contains {
	"path": ["metadata", "annotations", "konghq.com/tls-verify"],
	"message": "the backend is to be verified, and no CA is named for it",
	"effect": sprintf("requests to %s get 502, unless the data planes have a trust store of their own", [input.id.label]),
	"remedy": "name the CA of the backend in konghq.com/ca-certificates-secrets or konghq.com/ca-certificates-configmaps",
} if {
	input.object.metadata.annotations["konghq.com/tls-verify"] in kong.truth
	not input.peers["backend-policy"]
	annotations := kong.annotations
	kong.protocol(annotations) in kong.encrypted
	every key in kong.lists {
		trim(object.get(annotations, key, ""), ", ") == ""
		not kong.completed(key)
	}
}
