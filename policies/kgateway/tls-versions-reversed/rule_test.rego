package policies.kgateway["tls-versions-reversed_test"]

import data.policies.kgateway["tls-versions-reversed"] as rule

judge(low, high) := count(findings) if {
	findings := rule.findings with input as {"object": {"spec": {
		"targetRefs": [{"name": "api"}],
		"tls": {"parameters": {"minVersion": low, "maxVersion": high}},
	}}}
}

test_versions if {
	judge("1.3", "1.2") == 1
	judge("1.2", "1.3") == 0
	judge("1.3", "AUTO") == 0
}
