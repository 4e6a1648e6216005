package policies["gateway-api"]["backend-protocol-contradicts-policy_test"]

import data.policies["gateway-api"]["backend-protocol-contradicts-policy"] as rule

path := ["spec", "targetRefs", 0]

judge(section, protocol, routed) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"targetRefs": [{"sectionName": section}]}},
		"refs": {"policy-target": [{
			"path": path,
			"namespace": "shop",
			"name": "api",
			"label": "Service shop/api",
			"object": {"spec": {"ports": [{"name": "web", "port": 8080, "appProtocol": protocol}, {"name": "https", "port": 8443}]}},
		}]},
		"peers": {"route": [{"path": path, "namespace": "shop", "object": {"spec": {"rules": [{"backendRefs": [{"name": "api", "port": routed}]}]}}}]},
	}
}

test_finding if {
	judge("", "kubernetes.io/h2c", 8080) == {{
		"path": path,
		"message": "port 8080 of Service shop/api is kubernetes.io/h2c, which is without TLS",
		"effect": "requests to port 8080 of Service shop/api fail if it speaks no TLS",
		"remedy": "set sectionName to the port that speaks TLS, or correct appProtocol",
	}}
}

test_others[name] if {
	some name, case in {
		"the section": {"section": "web", "protocol": "http", "routed": 8080, "want": 1},
		"another section": {"section": "https", "protocol": "http", "routed": 8080, "want": 0},
		"nobody routes to it": {"section": "", "protocol": "http", "routed": 8443, "want": 0},
		"TLS": {"section": "", "protocol": "https", "routed": 8080, "want": 0},
	}
	count(judge(case.section, case.protocol, case.routed)) == case.want
}
