# METADATA
# title: Gloo's control plane does not insist on client certificates
# description: |
#   The Envoy beside gloo shows a certificate and verifies those of its clients, but lets clients in that show none: Envoy asks for one
#   only where `require_client_certificate: true` says so, and the ConfigMap of Gloo's chart does not. **Everybody who reaches port 9977 gets
#   the proxies' configuration, with the private keys of their certificates**; TLS only keeps those out who listen on the wire.
#
#   The chart has no value for it: patch the ConfigMap, and allow port 9977 and 9976 to the proxies only, by a NetworkPolicy.
# related_resources:
#   - description: Envoy, DownstreamTlsContext
#     ref: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto
#   - description: Gloo, the ConfigMap of its chart
#     ref: https://github.com/solo-io/gloo/blob/main/install/helm/gloo/templates/19-gloo-mtls-configmap.yaml
# custom:
#   severity: error
#   kinds: [ConfigMap]
#   triggers: ['data["envoy-sidecar.yaml"]']
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["clients-not-verified"]

import data.lib.text

findings contains {
	"path": ["data", "envoy-sidecar.yaml"],
	"message": sprintf("listener %s has no require_client_certificate: true", [text.list(names)]),
	"effect": "everybody who reaches the control plane gets the proxies' configuration and private keys, without a client certificate",
	"remedy": "write require_client_certificate: true beside common_tls_context",
	"severity": "warning",
} if {
	names := sort({listener.name |
		some listener in _listeners
		some chain in listener.filter_chains
		endswith(chain.transport_socket.typed_config["@type"], ".DownstreamTlsContext")
		not chain.transport_socket.typed_config.require_client_certificate == true
	})
	count(names) > 0
}

findings contains {
	"path": ["data", "envoy-sidecar.yaml"],
	"message": sprintf("listener %s ends no TLS", [text.list(names)]),
	"effect": "everybody who reaches the control plane gets the proxies' configuration and private keys, in clear text",
	"remedy": "give its filter chain a transport_socket with a DownstreamTlsContext, as the chart does",
} if {
	names := sort({listener.name |
		some listener in _listeners
		some chain in listener.filter_chains
		not chain.transport_socket
	})
	count(names) > 0
}

# Those that lead to gloo; there may be others beside them.
_listeners := [listener |
	some listener in yaml.unmarshal(input.object.data["envoy-sidecar.yaml"]).static_resources.listeners
	contains(listener.name, "xds")
	not listener.address.socket_address.address == "127.0.0.1"
]
