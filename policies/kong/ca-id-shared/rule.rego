# METADATA
# title: Two CAs for Kong have the same id
# description: |
#   Kong keeps a CA under the `id` of its Secret or ConfigMap. Of two with the same one the controller loads **the older
#   alone**, and reports an event for the other, whichever namespaces they are in. It happens when a CA is replaced by a copy of
#   its manifest: backends with a certificate of the new CA are refused.
#
#   Looked at are the CAs of one Service or policy. The same CA twice does no harm.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/translate_cacerts.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/translate_cacerts.go
#   - description: Kong's controller, duplicate ids
#     ref: https://github.com/Kong/kubernetes-ingress-controller/pull/8025
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com, BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.kong["ca-id-shared"]

import data.lib.kong

findings contains {
	"path": ref.path,
	"key": "id",
	"message": sprintf("%s and %s have the same id, and Kong loads only the older", [labels[0], labels[1]]),
	"effect": sprintf("requests to %s get 502 where its certificate is of the other CA", [kong.verified]),
	"remedy": "give the newer CA an id of its own",
} if {
	some ref in kong.authorities
	ref.identifiers.id.hash != ""
	some other in kong.authorities
	other.identifiers.id.hash == ref.identifiers.id.hash
	other.label != ref.label
	other.content.certificates != ref.content.certificates
	labels := sort([ref.label, other.label])
}
