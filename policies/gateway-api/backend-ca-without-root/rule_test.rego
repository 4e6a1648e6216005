package policies["gateway-api"]["backend-ca-without-root_test"]

import data.policies["gateway-api"]["backend-ca-without-root"] as rule

certificates := {
	"root": {"subject": "CN=Root", "ca": true, "self_signed": true},
	"int": {"subject": "CN=Int", "ca": true, "self_signed": false},
	"leaf": {"subject": "CN=Leaf", "ca": false, "self_signed": false},
}

test_verdict[name] if {
	some name, case in {
		"an intermediate": {
			"hashes": ["int"],
			"controller": "nginx-gateway-fabric",
			"want": {["requests to Service shop/api get 502", "ca.crt of ConfigMap shop/ca holds no root, only CN=Int, and nginx accepts no chain that does not end at one"]},
		},
		"with its root": {"hashes": ["int", "root"], "controller": "nginx-gateway-fabric", "want": set()},
		"no CA": {"hashes": ["int", "leaf"], "controller": "nginx-gateway-fabric", "want": set()},
		"nothing": {"hashes": [], "controller": "nginx-gateway-fabric", "want": set()},
		"another controller": {"hashes": ["int"], "controller": "istio", "want": set()},
	}
	findings := rule.findings with input as {
		"controllers": {case.controller: {"certainty": "known"}},
		"certificates": certificates,
		"refs": {
			"backend-ca": [{"path": ["spec"], "label": "ConfigMap shop/ca", "content": {"certificates": case.hashes}}],
			"policy-target": [{"label": "Service shop/api"}],
		},
	}
	{[f.effect, f.message] | some f in findings} == case.want
}
