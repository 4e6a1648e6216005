package policies["envoy-gateway"]["client-validation-overridden_test"]

import data.policies["envoy-gateway"]["client-validation-overridden"] as rule

ca(name) := [{"group": "", "kind": "ConfigMap", "name": name}]

policy(target, validation) := {
	"metadata": {"namespace": "shop"},
	"spec": {"targetRefs": [object.union({"kind": "Gateway", "name": "edge"}, target)], "tls": {"clientValidation": validation}},
}

edge(frontend) := {
	"group": "gateway.networking.k8s.io",
	"kind": "Gateway",
	"namespace": "shop",
	"name": "edge",
	"label": "Gateway shop/edge",
	"path": ["spec", "targetRefs", 0],
	"object": {
		"metadata": {"namespace": "shop"},
		"spec": {
			"tls": {"frontend": frontend},
			"listeners": [{"name": "web", "port": 443, "protocol": "HTTPS"}, {"name": "db", "port": 5432, "protocol": "TLS"}],
		},
	},
}

strict := {"default": {"validation": {"caCertificateRefs": ca("client-ca")}}}

lenient := {"default": {"validation": {"mode": "AllowInsecureFallback", "caCertificateRefs": ca("client-ca")}}}

test_verdict[name] if {
	some name, case in {
		"if given": {
			"policy": policy({}, {"mode": "VerifyIfGiven", "caCertificateRefs": ca("client-ca")}),
			"gateway": edge(strict),
			"want": {["error", "mode", "clients of listener web reach backends without a certificate"]},
		},
		"any": {
			"policy": policy({"sectionName": "web"}, {"mode": "RequireAny"}),
			"gateway": edge(strict),
			"want": {["error", "mode", "clients of listener web reach backends with a certificate that anybody made"]},
		},
		"optional": {
			"policy": policy({}, {"optional": true, "caCertificateRefs": ca("client-ca")}),
			"gateway": edge(strict),
			"want": {["error", "optional", "clients of listener web reach backends without a certificate"]},
		},
		"optional, and a mode": {
			"policy": policy({}, {"optional": true, "mode": "RequireAndVerify", "caCertificateRefs": ca("client-ca")}),
			"gateway": edge(strict),
			"want": set(),
		},
		"as mild as the Gateway": {"policy": policy({}, {"mode": "VerifyIfGiven", "caCertificateRefs": ca("client-ca")}), "gateway": edge(lenient), "want": set()},
		"another CA": {
			"policy": policy({}, {"caCertificateRefs": ca("old-ca")}),
			"gateway": edge(strict),
			"want": {["warning", "caCertificateRefs", "clients of listener web are verified by these alone"]},
		},
		"the same CA": {"policy": policy({}, {"caCertificateRefs": ca("client-ca")}), "gateway": edge(strict), "want": set()},
		"no CA": {"policy": policy({}, {}), "gateway": edge(strict), "want": set()},
		"another listener": {"policy": policy({"sectionName": "db"}, {"mode": "Request"}), "gateway": edge(strict), "want": set()},
		"the Gateway does not ask": {"policy": policy({}, {"mode": "Request"}), "gateway": edge({"default": {}}), "want": set()},
	}
	findings := rule.findings with input as {"object": case.policy, "peers": {"policy-gateway": [case.gateway]}}
	{[object.get(f, "severity", "error"), f.path[count(f.path) - 1], f.effect] | some f in findings} == case.want
}

test_another_policy[name] if {
	some name, case in {
		"for the listener": {"target": {"name": "edge", "sectionName": "web"}, "want": 0},
		"for another listener": {"target": {"name": "edge", "sectionName": "db"}, "want": 1},
		"for another Gateway": {"target": {"name": "internal", "sectionName": "web"}, "want": 1},
	}
	findings := rule.findings with input as {
		"object": policy({}, {"mode": "Request"}),
		"peers": {"policy-gateway": [edge(strict)], "client-policy": [{"object": {"spec": {"targetRefs": [case.target]}}}]},
	}
	count(findings) == case.want
}
