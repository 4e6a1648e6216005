package policies["cert-manager"]["renewal-disabled_test"]

import data.policies["cert-manager"]["renewal-disabled"] as rule

test_disabled if {
	findings := rule.findings with input as {"object": {"spec": {"secretName": "web-tls", "renewal": {"policy": "Disabled"}}}}
	findings == {{
		"path": ["spec", "renewal", "policy"],
		"message": "renewal is disabled",
		"effect": "what uses Secret web-tls fails on the day the certificate ends",
		"remedy": "remove renewal.policy",
	}}
}

test_renewed if {
	findings := rule.findings with input as {"object": {"spec": {"secretName": "web-tls", "renewal": {"policy": "RenewBefore"}}}}
	count(findings) == 0
}
