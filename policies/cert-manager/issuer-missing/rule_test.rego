package policies["cert-manager"]["issuer-missing_test"]

import data.policies["cert-manager"]["issuer-missing"] as rule

missing := {
	"path": ["spec", "issuerRef"],
	"group": "cert-manager.io",
	"kind": "Issuer",
	"name": "internal",
	"label": "Issuer shop/internal",
	"presence": "absent",
	"state": "does not exist",
	"near": [],
}

test_missing if {
	findings := rule.findings with input as {"refs": {"issuer": [missing]}}
	findings == {{
		"path": ["spec", "issuerRef"],
		"message": "Issuer shop/internal does not exist",
		"effect": "the Certificate is neither issued nor renewed",
		"remedy": "create the Issuer",
	}}
}

test_silent[name] if {
	some name, ref in {
		"unknown": object.union(missing, {"presence": "unknown"}),
		"present": object.union(missing, {"presence": "present"}),
		"of somebody else's": object.union(missing, {"group": "awspca.cert-manager.io", "kind": "AWSPCAIssuer"}),
	}
	findings := rule.findings with input as {"refs": {"issuer": [ref]}}
	count(findings) == 0
}
