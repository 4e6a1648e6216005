package policies["gloo-mtls"]["control-plane-in-clear_test"]

import data.policies["gloo-mtls"]["control-plane-in-clear"] as rule

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

judge(gloo, containers) := findings if {
	findings := rule.findings with input as {"object": {"spec": {"gloo": gloo}}, "peers": {"gloo-workload": [plane(containers)]}}
}

test_says if {
	judge({}, ["gloo"]) == {{
		"path": ["spec", "gloo", "xdsBindAddr"],
		"message": "gloo answers on 0.0.0.0:9977, and Deployment gloo-system/gloo has nothing that ends TLS",
		"effect": "who reaches port 9977, or listens on the network, has the proxies' configuration and private keys",
		"remedy": "set global.glooMtls.enabled: true in the values of the chart",
	}}
}

test_silent[name] if {
	some name, case in {
		"behind an Envoy": {"gloo": {}, "containers": ["gloo", "envoy-sidecar"]},
		"in the pod alone": {"gloo": {"xdsBindAddr": "127.0.0.1:9999"}, "containers": ["gloo"]},
		"a variable": {"gloo": {"xdsBindAddr": "${ADDRESS}"}, "containers": ["gloo"]},
		"another workload": {"gloo": {}, "containers": ["discovery"]},
	}
	count(judge(case.gloo, case.containers)) == 0
}
