# METADATA
# title: VirtualService without sniDomains takes the hosts of another off its list
# description: |
#   Gloo makes one of the `sslConfig` of a Gateway that differ in `sniDomains` only. If one of them has none, **the one that comes out has none either**: its
#   certificate is shown for every host, also for those that another VirtualService wanted refused. Clients of unlisted hosts get that
#   certificate instead of no connection.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/translator/ssl_configuration.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/translator/ssl_configuration.go
#   - description: kgateway-dev/kgateway#7739
#     ref: https://github.com/kgateway-dev/kgateway/issues/7739
# custom:
#   severity: warning
#   kinds:
#     - VirtualService.gateway.solo.io
#   triggers:
#     - spec.sslConfig.secretRef
#   since: v0.1.0
package policies.gloo["sni-erased"]

import data.lib.gloo
import data.lib.text

findings contains {
	"path": ["spec", "sslConfig"],
	"message": sprintf("%s has the same sslConfig for %s only, and there are no sniDomains here", [peer.label, text.list(peer.object.spec.sslConfig.sniDomains)]),
	"effect": "its certificate is shown for every host",
	"remedy": "list the hosts under sniDomains",
	"related": [object.filter(peer, ["group", "kind", "namespace", "name"])],
} if {
	some peer in input.peers["gloo-secret"]
	count(peer.object.spec.sslConfig.sniDomains) > 0
	count(object.get(input.object.spec.sslConfig, "sniDomains", [])) == 0
	object.remove(peer.object.spec.sslConfig, ["sniDomains"]) == object.remove(input.object.spec.sslConfig, ["sniDomains"])
	gloo.together(peer.object)
}
