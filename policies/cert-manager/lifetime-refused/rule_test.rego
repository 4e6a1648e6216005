package policies["cert-manager"]["lifetime-refused_test"]

import data.policies["cert-manager"]["lifetime-refused"] as rule

test_late if {
	findings := rule.findings with input as {"object": {"spec": {"duration": "24h", "renewBefore": "24h"}}}
	findings == {{
		"path": ["spec", "renewBefore"],
		"message": "renewBefore: 24h is not less than the duration, which is 24h",
		"effect": "cert-manager refuses the Certificate",
		"remedy": "renew it before its end, and after its beginning",
	}}
}

test_in_order if {
	findings := rule.findings with input as {"object": {"spec": {"duration": "2160h", "renewBefore": "360h"}}}
	count(findings) == 0
}
