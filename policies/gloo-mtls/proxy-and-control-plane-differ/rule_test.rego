package policies["gloo-mtls"]["proxy-and-control-plane-differ_test"]

import data.policies["gloo-mtls"]["proxy-and-control-plane-differ"] as rule

settings(address) := {
	"label": "Settings gloo-system/default",
	"group": "gloo.solo.io",
	"kind": "Settings",
	"namespace": "gloo-system",
	"name": "default",
	"object": {"spec": {"gloo": {"xdsBindAddr": address}}},
}

judge(cluster, address) := findings if {
	text := yaml.marshal({"static_resources": {"clusters": [cluster, {"name": "gateway_proxy_sds"}]}})
	findings := rule.findings with input as {
		"object": {"data": {"envoy.yaml": text}},
		"peers": {"gloo-settings": [settings(address)]},
	}
}

xds := {"name": "gloo.gloo-system.svc.cluster.local:9977"}

tls(certificate, ca) := {"transport_socket": {"typed_config": {
	"@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
	"common_tls_context": {
		"tls_certificate_sds_secret_configs": [{"name": certificate}],
		"validation_context_sds_secret_config": {"name": ca},
	},
}}}

right := tls("server_cert", "validation_context")

test_says if {
	judge(xds, "127.0.0.1:9999") == {{
		"path": ["data", "envoy.yaml"],
		"message": "cluster gloo.gloo-system.svc.cluster.local:9977 speaks without TLS, and Settings gloo-system/default has gloo answer behind mTLS",
		"effect": "the proxy gets no configuration: one that starts listens on nothing",
		"remedy": "render it with global.glooMtls.enabled: true",
		"related": [{
			"group": "gloo.solo.io",
			"kind": "Settings",
			"namespace": "gloo-system",
			"name": "default",
			"path": ["spec", "gloo", "xdsBindAddr"],
			"message": "is 127.0.0.1:9999",
		}],
	}}
}

test_messages[name] if {
	some name, case in {
		"right": {"cluster": object.union(xds, right), "address": "127.0.0.1:9999", "want": set()},
		"both without": {"cluster": xds, "address": "0.0.0.0:9977", "want": set()},
		"TLS alone": {
			"cluster": object.union({"name": "x", "alt_stat_name": "rest_xds_cluster"}, right),
			"address": "0.0.0.0:9977",
			"want": {"cluster x speaks TLS, and Settings gloo-system/default has gloo answer without"},
		},
		"TLS, and a variable": {"cluster": object.union(xds, right), "address": "${ADDRESS}", "want": set()},
		"another certificate": {
			"cluster": object.union({"name": "x", "alt_stat_name": "xds_cluster"}, tls("mine", "validation_context")),
			"address": "127.0.0.1:9999",
			"want": {"cluster x asks for other secrets than server_cert and validation_context, which are all that the secret service has"},
		},
		"another cluster": {"cluster": {"name": "backend:9977"}, "address": "127.0.0.1:9999", "want": set()},
	}
	{f.message | some f in judge(case.cluster, case.address)} == case.want
}
