# METADATA
# title: Gloo sends its proxies their configuration in clear text
# description: |
#   gloo answers its proxies on the pod's address without TLS, as it does unless its chart is told otherwise. What it sends holds **the private
#   keys of the certificates** that the proxies show. Who listens on the network between the two, or reaches port 9977, has
#   them. Within one cluster with a network that nobody else shares that may do; across clusters or a network of others it does not.
# related_resources:
#   - description: Gloo, mTLS mode
#     ref: https://docs.solo.io/gateway/1.18.x/security/mtls/
# custom:
#   severity: info
#   kinds: [Settings.gloo.solo.io]
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["control-plane-in-clear"]

import data.lib.gloomtls
import data.lib.text

findings contains {
	"path": ["spec", "gloo", "xdsBindAddr"],
	"message": sprintf("gloo answers on %s, and %s has nothing that ends TLS", [address, plane.label]),
	"effect": "who reaches port 9977, or listens on the network, has the proxies' configuration and private keys",
	"remedy": "set global.glooMtls.enabled: true in the values of the chart",
} if {
	address := gloomtls.address(input.object)
	not gloomtls.loopback(address)
	not text.unfilled(address)
	some plane in gloomtls.planes
	not gloomtls.container(plane.object, "envoy-sidecar")
}
