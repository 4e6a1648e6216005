package policies.kong["section-ignored_test"]

import data.policies.kong["section-ignored"] as rule

target := ["spec", "targetRefs", 0]

policy(section, port) := {
	"controllers": {"kong": {"certainty": "known"}},
	"object": {"spec": {"targetRefs": [{"sectionName": section}]}},
	"refs": {"policy-target": [{
		"path": target,
		"label": "Service shop/api",
		"namespace": "shop",
		"name": "api",
		"object": {"spec": {"ports": [{"name": "https", "port": 8443}, {"name": "http", "port": 80}]}},
	}]},
	"peers": {"route": [{"path": target, "namespace": "shop", "object": {"spec": {"rules": [{"backendRefs": [{"name": "api", "port": port}]}]}}}]},
}

test_another_port if {
	findings := rule.findings with input as policy("https", 80)
	findings == {{
		"path": ["spec", "targetRefs", 0, "sectionName"],
		"message": "Kong reads no sectionName, and routes send to port 80 of Service shop/api too",
		"effect": "requests to port 80 are made by https as well, and get 502 if it speaks plain HTTP",
		"remedy": "put the port with TLS into a Service of its own",
	}}
}

test_silent[name] if {
	some name, case in {"its own port": ["https", 8443], "all ports": ["", 80], "no such section": ["admin", 80]}
	findings := rule.findings with input as policy(case[0], case[1])
	count(findings) == 0
}
