package policies["gateway-api"]["backend-names-unread_test"]

import data.policies["gateway-api"]["backend-names-unread"] as rule

judge(names, controllers) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"validation": {"hostname": "api.shop.test", "subjectAltNames": names}}},
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"policy-target": [{"label": "Service shop/api"}]},
	}
}

names := [{"type": "Hostname", "hostname": "backend.shop.test"}]

test_unread if {
	judge(names, ["nginx-gateway-fabric"]) == {{
		"path": ["spec", "validation", "subjectAltNames"],
		"message": "NGINX Gateway Fabric verifies hostname, api.shop.test, and no subjectAltNames",
		"effect": "requests to Service shop/api fail with 5xx unless its certificate is for api.shop.test",
		"remedy": "remove subjectAltNames, and set hostname to a name of the backend's certificate",
		"severity": "warning",
	}}
}

test_refused if {
	judge(names, ["kong"]) == {{
		"path": ["spec", "validation", "subjectAltNames"],
		"message": "Kong supports no subjectAltNames and takes the policy out",
		"effect": "requests to Service shop/api are sent unencrypted",
		"remedy": "remove subjectAltNames, and set hostname to a name of the backend's certificate",
	}}
}

test_controllers if {
	all := {"envoy-gateway", "istio", "cilium", "kong", "traefik", "kgateway", "nginx-gateway-fabric"}
	{controller | some controller in all; count(judge(names, [controller])) == 1} == {"cilium", "kong", "nginx-gateway-fabric"}
}

test_none if judge([], ["kong", "cilium"]) == set()
