package policies["gateway-api"]["backend-hostname-unverified_test"]

import data.policies["gateway-api"]["backend-hostname-unverified"] as rule

judge(names) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"validation": {"hostname": "api.shop.test", "subjectAltNames": names}}},
		"refs": {"policy-target": [{"label": "Service shop/api"}]},
	}
}

host(name) := {"type": "Hostname", "hostname": name}

uri := {"type": "URI", "uri": "spiffe://shop.test/api"}

test_unverified if {
	judge([host("backend.shop.test"), host("standby.shop.test")]) == {{
		"path": ["spec", "validation", "subjectAltNames"],
		"message": "hostname api.shop.test is not among subjectAltNames and is only asked for, not verified",
		"effect": "Service shop/api is believed with a certificate for backend.shop.test and standby.shop.test",
		"remedy": "add api.shop.test to subjectAltNames if the certificate is for it",
	}}
}

test_silent[name] if {
	some name, names in {
		"among them": [host("backend.shop.test"), host("api.shop.test")],
		"covered": [host("*.shop.test")],
		"URIs": [uri],
		"URIs too": [host("backend.shop.test"), uri],
		"none": [],
	}
	judge(names) == set()
}
