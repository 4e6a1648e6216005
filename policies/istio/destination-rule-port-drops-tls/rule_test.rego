package policies.istio["destination-rule-port-drops-tls_test"]

import data.policies.istio["destination-rule-port-drops-tls"] as rule

entry := {"port": {"number": 443}, "connectionPool": {}}

judge(spec) := findings if {
	findings := rule.findings with input as {"object": {"spec": object.union({"host": "db"}, spec)}}
}

policy(mode, more) := {"trafficPolicy": {"tls": {"mode": mode}, "portLevelSettings": [object.union(entry, more)]}}

test_verdict[name] if {
	some name, case in {
		"simple": {"spec": policy("SIMPLE", {}), "want": {["error", ["spec", "trafficPolicy", "portLevelSettings", 0]]}},
		"the mesh's": {"spec": policy("ISTIO_MUTUAL", {}), "want": {["info", ["spec", "trafficPolicy", "portLevelSettings", 0]]}},
		"off": {"spec": policy("DISABLE", {}), "want": set()},
		"repeated": {"spec": policy("SIMPLE", {"tls": {"mode": "DISABLE"}}), "want": set()},
		"none": {"spec": {"trafficPolicy": {"portLevelSettings": [entry]}}, "want": set()},
		"of a subset": {
			"spec": {"subsets": [object.union({"name": "v1"}, policy("SIMPLE", {}))]},
			"want": {["error", ["spec", "subsets", 0, "trafficPolicy", "portLevelSettings", 0]]},
		},
		"of a subset, with TLS of the destination": {
			"spec": {
				"trafficPolicy": {"tls": {"mode": "SIMPLE"}},
				"subsets": [{"name": "v1", "trafficPolicy": {"portLevelSettings": [entry]}}],
			},
			"want": {["error", ["spec", "subsets", 0, "trafficPolicy", "portLevelSettings", 0]]},
		},
		"of a subset that turns it off": {
			"spec": {
				"trafficPolicy": {"tls": {"mode": "SIMPLE"}},
				"subsets": [object.union({"name": "v1"}, policy("DISABLE", {}))],
			},
			"want": set(),
		},
	}
	{[object.get(f, "severity", "error"), f.path] | some f in judge(case.spec)} == case.want
}
