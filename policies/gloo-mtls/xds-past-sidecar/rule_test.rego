package policies["gloo-mtls"]["xds-past-sidecar_test"]

import data.policies["gloo-mtls"]["xds-past-sidecar"] as rule

plane(containers) := {
	"label": "Deployment gloo-system/gloo",
	"group": "apps",
	"kind": "Deployment",
	"namespace": "gloo-system",
	"name": "gloo",
	"object": {
		"metadata": {"labels": {"gloo": "gloo"}},
		"spec": {"template": {"spec": {"containers": [{"name": name} | some name in containers]}}},
	},
}

document(gloo, containers) := {"object": {"spec": {"gloo": gloo}}, "peers": {"gloo-workload": [plane(containers)]}}

right := {"xdsBindAddr": "127.0.0.1:9999", "restXdsBindAddr": "127.0.0.1:9998"}

test_says if {
	findings := rule.findings with input as document(object.union(right, {"xdsBindAddr": "0.0.0.0:9999"}), ["gloo", "envoy-sidecar"])
	findings == {{
		"path": ["spec", "gloo", "xdsBindAddr"],
		"message": "xdsBindAddr is 0.0.0.0:9999, although Deployment gloo-system/gloo has an Envoy that ends TLS for 127.0.0.1:9999",
		"effect": "everybody who reaches the pod gets the proxies' configuration and private keys, without TLS",
		"remedy": "set xdsBindAddr to 127.0.0.1:9999",
		"related": [{
			"group": "apps",
			"kind": "Deployment",
			"namespace": "gloo-system",
			"name": "gloo",
			"path": ["metadata", "name"],
			"message": "has the container envoy-sidecar",
		}],
		"fix": {
			"title": "listen for the Envoy in the pod alone",
			"safe": true,
			"edits": [{"op": "set", "path": ["spec", "gloo", "xdsBindAddr"], "value": "127.0.0.1:9999"}],
		},
	}}
}

test_effect[name] if {
	some name, case in {
		"not set": {"address": "", "want": "gloo and its Envoy both want port 9977: one of them fails, and proxies get no configuration"},
		"the Envoy's": {"address": "0.0.0.0:9977", "want": "gloo and its Envoy both want port 9977: one of them fails, and proxies get no configuration"},
		"another": {"address": ":9978", "want": "everybody who reaches the pod gets the proxies' configuration and private keys, without TLS"},
	}
	findings := rule.findings with input as document(object.union(right, {"xdsBindAddr": case.address}), ["gloo", "envoy-sidecar"])
	{f.effect | some f in findings} == {case.want}
}

test_message_unset if {
	findings := rule.findings with input as document({"xdsBindAddr": "127.0.0.1:9999"}, ["gloo", "envoy-sidecar"])
	{f.message | some f in findings} == {"restXdsBindAddr is not set, although Deployment gloo-system/gloo has an Envoy that ends TLS for 127.0.0.1:9998"}
}

test_silent[name] if {
	some name, case in {
		"right": document(right, ["gloo", "envoy-sidecar"]),
		"no Envoy": document({}, ["gloo"]),
		"nothing in sight": {"object": {"spec": {}}},
		"a variable": document({"xdsBindAddr": "${A}", "restXdsBindAddr": "$(B)"}, ["gloo", "envoy-sidecar"]),
	}
	findings := rule.findings with input as case
	count(findings) == 0
}
