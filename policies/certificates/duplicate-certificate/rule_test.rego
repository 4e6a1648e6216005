package policies.certificates["duplicate-certificate_test"]

import data.policies.certificates["duplicate-certificate"] as rule

path := ["spec", "validation", "caCertificateRefs", 0]

document(use, kinds) := {"refs": {"backend-ca": [{
	"path": path,
	"use": use,
	"key": "ca.crt",
	"label": "ConfigMap shop/api-ca",
	"content": {"opaque": false, "empty": false, "certificates": ["aa"], "defects": [{"kind": kind, "line": 12 + i, "message": "it stands there"} |
		some i, kind in kinds
	]},
}]}}

test_finding if {
	findings := rule.findings with input as document("trust", ["duplicate", "truncated", "duplicate"])
	findings == {{
		"path": path,
		"key": "ca.crt",
		"message": "ca.crt of ConfigMap shop/api-ca holds 2 copies of certificates that stand further up in it (line 12)",
		"remedy": "remove the copies",
	}}
}

test_one if {
	findings := rule.findings with input as document("trust", ["duplicate"])
	{f.message | some f in findings} == {"ca.crt of ConfigMap shop/api-ca holds a copy of a certificate that stands further up in it (line 12)"}
}

test_silent[name] if {
	some name, case in {
		"other defects": {"use": "trust", "kinds": ["truncated"]},
		"a chain": {"use": "certificate", "kinds": ["duplicate"]},
	}
	findings := rule.findings with input as document(case.use, case.kinds)
	count(findings) == 0
}
