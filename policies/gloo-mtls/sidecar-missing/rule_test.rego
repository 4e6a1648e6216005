package policies["gloo-mtls"]["sidecar-missing_test"]

import data.policies["gloo-mtls"]["sidecar-missing"] as rule

settings(address) := {
	"label": "Settings gloo-system/default",
	"group": "gloo.solo.io",
	"kind": "Settings",
	"namespace": "gloo-system",
	"name": "default",
	"object": {"spec": {"gloo": {"xdsBindAddr": address}}},
}

document(label, containers, address) := {
	"object": {
		"metadata": {"labels": {"gloo": label}},
		"spec": {"template": {"spec": {"containers": [{"name": name} | some name in containers]}}},
	},
	"peers": {"gloo-settings": [settings(address)]},
}

test_says if {
	findings := rule.findings with input as document("gloo", ["gloo"], "127.0.0.1:9999")
	findings == {{
		"path": ["spec", "template", "spec", "containers"],
		"message": "it has no container envoy-sidecar and sds, and Settings gloo-system/default has gloo answer 127.0.0.1:9999 alone",
		"effect": "nobody reaches the control plane, and no proxy gets configuration",
		"remedy": "render it with global.glooMtls.enabled: true",
		"related": [{
			"group": "gloo.solo.io",
			"kind": "Settings",
			"namespace": "gloo-system",
			"name": "default",
			"path": ["spec", "gloo", "xdsBindAddr"],
			"message": "is for mTLS",
		}],
	}}
}

test_count[name] if {
	some name, case in {
		"a proxy": {"input": document("gateway-proxy", ["gateway-proxy"], "127.0.0.1:9999"), "want": 1},
		"a whole proxy": {"input": document("gateway-proxy", ["gateway-proxy", "sds"], "127.0.0.1:9999"), "want": 0},
		"authorization": {"input": document("extauth", ["extauth", "sds"], "127.0.0.1:9999"), "want": 1},
		"something else": {"input": document("discovery", ["discovery"], "127.0.0.1:9999"), "want": 0},
		"other containers": {"input": document("gloo", ["controller"], "127.0.0.1:9999"), "want": 0},
		"without mTLS": {"input": document("gloo", ["gloo"], "0.0.0.0:9977"), "want": 0},
	}
	findings := rule.findings with input as case.input
	count(findings) == case.want
}
