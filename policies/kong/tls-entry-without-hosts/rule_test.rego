package policies.kong["tls-entry-without-hosts_test"]

import data.policies.kong["tls-entry-without-hosts"] as rule

ingress(entry) := {"controllers": {"kong": {"certainty": "known"}}, "object": {"spec": {"tls": [entry], "rules": [{"host": "api.shop.test"}]}}}

test_without if {
	findings := rule.findings with input as ingress({"secretName": "api-tls"})
	findings == {{
		"path": ["spec", "tls", 0],
		"message": "the entry with Secret api-tls has no hosts, and Kong passes it over",
		"effect": "clients of api.shop.test are not shown this certificate",
		"remedy": "list the hosts that it is for",
	}}
}

test_silent[name] if {
	some name, entry in {"with hosts": {"secretName": "api-tls", "hosts": ["api.shop.test"]}, "of the default certificate": {"hosts": ["api.shop.test"]}, "empty": {"secretName": ""}}
	findings := rule.findings with input as ingress(entry)
	count(findings) == 0
}
