# METADATA
# title: Part of Gloo's control-plane mTLS is missing
# description: |
#   The Settings have gloo answer `127.0.0.1` alone, as they do with mTLS: an Envoy beside it ends TLS for everybody else. Here a
#   workload lacks the containers that this takes. Without `envoy-sidecar` **nobody reaches gloo, and no proxy gets configuration**; without
#   `sds` a proxy has no certificate to show. The servers for authorization and rate limits of the enterprise edition ask gloo for
#   their configuration in the same way and need both.
#
#   It is what a workload looks like that was rendered without `global.glooMtls.enabled: true`, or patched.
# related_resources:
#   - description: Gloo, mTLS mode
#     ref: https://docs.solo.io/gateway/1.18.x/security/mtls/
#   - description: Gloo, the Deployment of its chart
#     ref: https://github.com/solo-io/gloo/blob/main/install/helm/gloo/templates/1-gloo-deployment.yaml
# custom:
#   severity: error
#   kinds: [Deployment.apps, DaemonSet.apps]
#   triggers: [metadata.labels.gloo]
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["sidecar-missing"]

import data.lib.gloomtls
import data.lib.text

findings contains {
	"path": ["spec", "template", "spec", "containers"],
	"message": sprintf("it has no container %s, and %s has gloo answer %s alone", [text.list(missing), settings.label, gloomtls.address(settings.object)]),
	"effect": part.effect,
	"remedy": "render it with global.glooMtls.enabled: true",
	"related": [object.union(
		object.filter(settings, ["group", "kind", "namespace", "name"]),
		{"path": ["spec", "gloo", "xdsBindAddr"], "message": "is for mTLS"},
	)],
} if {
	part := _parts[input.object.metadata.labels.gloo]
	gloomtls.container(input.object, part.container)
	some settings in gloomtls.settings
	gloomtls.loopback(gloomtls.address(settings.object))
	missing := [name | some name in part.needs; not gloomtls.container(input.object, name)]
	count(missing) > 0
}

_parts := {
	"gloo": {"container": "gloo", "needs": ["envoy-sidecar", "sds"], "effect": "nobody reaches the control plane, and no proxy gets configuration"},
	"gateway-proxy": {"container": "gateway-proxy", "needs": ["sds"], "effect": "the proxy has no certificate to show to the control plane, and gets no configuration"},
	"extauth": {"container": "extauth", "needs": ["envoy-sidecar", "sds"], "effect": "it gets no configuration, and requests that need authorization fail"},
	"rate-limit": {"container": "rate-limit", "needs": ["envoy-sidecar", "sds"], "effect": "it gets no configuration, and rate limits do not hold"},
}
