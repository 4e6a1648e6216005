package policies["gloo-mtls"]["clients-not-verified_test"]

import data.policies["gloo-mtls"]["clients-not-verified"] as rule

judge(listeners) := findings if {
	text := yaml.marshal({"static_resources": {"listeners": listeners}})
	findings := rule.findings with input as {"object": {"data": {"envoy-sidecar.yaml": text}}}
}

listener(name, chain) := {"name": name, "filter_chains": [chain]}

tls(changes) := {"transport_socket": {"typed_config": object.union(
	{"@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"},
	changes,
)}}

test_not_required if {
	judge([listener("envoy_xds_mtls_listener", tls({})), listener("envoy_rest_xds_mtls_listener", tls({"require_client_certificate": false}))]) == {{
		"path": ["data", "envoy-sidecar.yaml"],
		"message": "listener envoy_rest_xds_mtls_listener and envoy_xds_mtls_listener has no require_client_certificate: true",
		"effect": "everybody who reaches the control plane gets the proxies' configuration and private keys, without a client certificate",
		"remedy": "write require_client_certificate: true beside common_tls_context",
		"severity": "warning",
	}}
}

test_plain if {
	judge([listener("envoy_xds_mtls_listener", {})]) == {{
		"path": ["data", "envoy-sidecar.yaml"],
		"message": "listener envoy_xds_mtls_listener ends no TLS",
		"effect": "everybody who reaches the control plane gets the proxies' configuration and private keys, in clear text",
		"remedy": "give its filter chain a transport_socket with a DownstreamTlsContext, as the chart does",
	}}
}

test_silent[name] if {
	some name, case in {
		"required": listener("xds", tls({"require_client_certificate": true})),
		"another listener": listener("prometheus", {}),
		"in the pod alone": object.union(listener("xds", {}), {"address": {"socket_address": {"address": "127.0.0.1"}}}),
	}
	count(judge([case])) == 0
}

test_no_configuration[text] if {
	some text in ["", "a note", "[", "static_resources: 1"]
	findings := rule.findings with input as {"object": {"data": {"envoy-sidecar.yaml": text}}}
	count(findings) == 0
}
