package policies.certificates["private-key-in-repository_test"]

import data.policies.certificates["private-key-in-repository"] as rule

test_finding if {
	defect := {"path": ["data", "tls.key"], "message": "tls.key of Secret shop/api-tls holds a private key in clear text"}
	findings := rule.findings with input as {"source": {"private-key": [defect]}}
	findings == {{
		"path": ["data", "tls.key"],
		"message": "tls.key of Secret shop/api-tls holds a private key in clear text",
		"effect": "everybody who can read the repository has the key",
		"remedy": "replace the key, and keep the new one out or encrypted: cert-manager, SOPS, Sealed Secrets or External Secrets",
	}}
}

test_no_key if {
	findings := rule.findings with input as {"source": {}}
	count(findings) == 0
}
