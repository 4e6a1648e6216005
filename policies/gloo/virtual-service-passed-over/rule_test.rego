package policies.gloo["virtual-service-passed-over_test"]

import data.policies.gloo["virtual-service-passed-over"] as rule

judge(spec, target) := {f.message | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": spec},
		"refs": {"gloo-virtual-service": [object.union({"path": ["spec", "httpGateway", "virtualServices", 0], "label": "VirtualService shop/web"}, target)]},
	}
}

plain := {"object": {}}

secure := {"object": {"spec": {"sslConfig": {}}}}

test_lists if {
	judge({"ssl": true, "httpGateway": {}}, plain) == {"VirtualService shop/web has no sslConfig, and the Gateway has ssl: true"}
	judge({"ssl": false, "httpGateway": {}}, secure) == {"VirtualService shop/web has a sslConfig, and the Gateway has not ssl: true"}
	count(judge({"ssl": true, "httpGateway": {}}, secure)) == 0
	count(judge({"httpGateway": {}}, plain)) == 0
	count(judge({"ssl": true, "httpGateway": {}}, {})) == 0
	count(judge({"ssl": true, "httpGateway": {"virtualServiceSelector": {"a": "b"}}}, plain)) == 0
}
