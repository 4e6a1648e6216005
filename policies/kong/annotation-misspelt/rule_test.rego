package policies.kong["annotation-misspelt_test"]

import data.policies.kong["annotation-misspelt"] as rule

service(annotations) := {"id": {"label": "Service shop/api"}, "object": {"metadata": {"annotations": annotations}}}

test_misspelt if {
	findings := rule.findings with input as service({"konghq.com/ca-certificates-secret": "ca"})
	findings == {{
		"path": ["metadata", "annotations", "konghq.com/ca-certificates-secret"],
		"message": "Kong reads konghq.com/ca-certificates-secrets, and not konghq.com/ca-certificates-secret",
		"effect": "Service shop/api is not verified by that CA",
		"remedy": "rename it to konghq.com/ca-certificates-secrets",
		"fix": {
			"title": "rename it to konghq.com/ca-certificates-secrets",
			"safe": false,
			"edits": [{"op": "rename", "path": ["metadata", "annotations", "konghq.com/ca-certificates-secret"], "value": "konghq.com/ca-certificates-secrets"}],
		},
	}}
}

test_both if {
	findings := rule.findings with input as service({"konghq.com/tls_verify": "true", "konghq.com/tls-verify": "true"})
	[f.effect | some f in findings; not f.fix] == ["any certificate of Service shop/api is believed"]
}

test_each if {
	findings := rule.findings with input as service({
		"konghq.com/ca-certificates-configmap": "ca",
		"konghq.com/client-certificate": "own",
		"konghq.com/verify-depth": "2",
	})
	count(findings) == 3
}

test_silent if {
	findings := rule.findings with input as service({"konghq.com/tls-verify": "true", "konghq.com/ca-cert": ""})
	count(findings) == 0
}
