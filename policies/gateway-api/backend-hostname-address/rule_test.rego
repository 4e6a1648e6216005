package policies["gateway-api"]["backend-hostname-address_test"]

import data.policies["gateway-api"]["backend-hostname-address"] as rule

judge(spec) := findings if {
	findings := rule.findings with input as {"object": {"spec": spec}, "refs": {"policy-target": [{"label": "Service shop/api"}]}}
}

test_address if {
	judge({"validation": {"hostname": "10.96.12.7"}}) == {{
		"path": ["spec", "validation", "hostname"],
		"message": "hostname 10.96.12.7 is an IP address, and no certificate is for one as a name",
		"effect": "requests to Service shop/api fail with 5xx",
		"remedy": "set hostname to a name of the backend's certificate",
	}}
}

test_release_1_0 if {
	{f.path | some f in judge({"tls": {"hostname": "10.96.12.7"}})} == {["spec", "tls", "hostname"]}
}

test_names[name] if {
	some name in ["api.shop.test", "10-96-12-7.shop.test", "10.96.12.7.shop.test", "api", ""]
	judge({"validation": {"hostname": name}}) == set()
}

test_none if judge({}) == set()
