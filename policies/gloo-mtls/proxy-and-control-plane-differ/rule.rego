# METADATA
# title: Gloo's proxy and its control plane do not agree on TLS
# description: |
#   The configuration that a gateway proxy starts with says how it speaks to gloo. With mTLS (the Settings have gloo answer `127.0.0.1` alone,
#   behind an Envoy that ends TLS) its clusters for that need a TLS `transport_socket`, with the certificate and the CA that the
#   secret service calls `server_cert` and `validation_context`; without mTLS they must not have one. **A proxy that speaks otherwise than
#   gloo gets no configuration**, and one that starts listens on nothing.
# related_resources:
#   - description: Gloo, changes to the proxies
#     ref: https://docs.solo.io/gateway/1.18.x/security/mtls/
#   - description: Gloo, the ConfigMap of a proxy
#     ref: https://github.com/solo-io/gloo/blob/main/install/helm/gloo/templates/9-gateway-proxy-configmap.yaml
# custom:
#   severity: error
#   kinds: [ConfigMap]
#   triggers: ['data["envoy.yaml"]']
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["proxy-and-control-plane-differ"]

import data.lib.gloomtls
import data.lib.text

findings contains {
	"path": ["data", "envoy.yaml"],
	"message": sprintf("cluster %s %s", [text.list(names), defect.words]),
	"effect": "the proxy gets no configuration: one that starts listens on nothing",
	"remedy": defect.remedy,
	"related": [object.union(
		object.filter(settings, ["group", "kind", "namespace", "name"]),
		{"path": ["spec", "gloo", "xdsBindAddr"], "message": sprintf("is %s", [gloomtls.address(settings.object)])},
	)],
} if {
	some settings in gloomtls.settings
	some kind, defect in _defects(settings.label)
	names := sort({cluster.name | some cluster in _clusters; _is(kind, cluster, gloomtls.address(settings.object))})
	count(names) > 0
}

_defects(settings) := {
	"plain": {
		"words": sprintf("speaks without TLS, and %s has gloo answer behind mTLS", [settings]),
		"remedy": "render it with global.glooMtls.enabled: true",
	},
	"tls": {
		"words": sprintf("speaks TLS, and %s has gloo answer without", [settings]),
		"remedy": "set xdsBindAddr to 127.0.0.1:9999 and render gloo with global.glooMtls.enabled: true, or all without it",
	},
	"names": {
		"words": "asks for other secrets than server_cert and validation_context, which are all that the secret service has",
		"remedy": "name them server_cert and validation_context",
	},
}

_is("plain", cluster, address) if {
	gloomtls.loopback(address)
	not cluster.transport_socket
}

_is("tls", cluster, address) if {
	not gloomtls.loopback(address)
	not text.unfilled(address)
	endswith(cluster.transport_socket.typed_config["@type"], ".UpstreamTlsContext")
}

_is("names", cluster, address) if {
	gloomtls.loopback(address)
	context := cluster.transport_socket.typed_config.common_tls_context
	some name in array.concat(
		[config.name | some config in context.tls_certificate_sds_secret_configs],
		[context.validation_context_sds_secret_config.name],
	)
	not name in {"server_cert", "validation_context"}
}

# Those that lead to gloo.
_clusters := [cluster |
	some cluster in yaml.unmarshal(input.object.data["envoy.yaml"]).static_resources.clusters
	_xds(cluster)
]

_xds(cluster) if cluster.alt_stat_name in {"xds_cluster", "rest_xds_cluster"}

_xds(cluster) if regex.match(`^gloo\..*:9977$`, cluster.name)
