package policies["cert-manager"]["annotated-issuer-missing_test"]

import data.policies["cert-manager"]["annotated-issuer-missing"] as rule

missing := {
	"path": ["metadata", "annotations", "cert-manager.io/issuer"],
	"group": "cert-manager.io",
	"kind": "Issuer",
	"name": "internal",
	"label": "Issuer shop/internal",
	"presence": "absent",
	"state": "does not exist",
	"near": [],
}

test_missing if {
	findings := rule.findings with input as {"id": {"kind": "Ingress"}, "refs": {"annotated-issuer": [missing]}}
	findings == {{
		"path": missing.path,
		"message": "Issuer shop/internal does not exist",
		"effect": "the certificates of this Ingress are neither issued nor renewed",
		"remedy": "create the Issuer",
	}}
}

test_silent[name] if {
	some name, ref in {
		"unknown": object.union(missing, {"presence": "unknown"}),
		"present": object.union(missing, {"presence": "present"}),
		"of somebody else's": object.union(missing, {"group": "awspca.cert-manager.io", "kind": "AWSPCAIssuer"}),
	}
	findings := rule.findings with input as {"id": {"kind": "Ingress"}, "refs": {"annotated-issuer": [ref]}}
	count(findings) == 0
}
