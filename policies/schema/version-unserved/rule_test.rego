package policies.schema["version-unserved_test"]

import data.policies.schema["version-unserved"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"version-unserved": [
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect"},
		{"path": ["apiVersion"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect", "effect": "the API server refuses the object", "remedy": "write it in a version that is served, or install the CRDs that serve it and name them under schemas: in .tlsward.yaml"},
		{"path": ["apiVersion"], "message": "another defect", "effect": "the API server refuses the object", "remedy": "write it in a version that is served, or install the CRDs that serve it and name them under schemas: in .tlsward.yaml"},
	}
}

test_assumed if {
	findings := rule.findings with input as {"source": {"version-unserved": [{"path": ["apiVersion"], "message": "one defect", "assumed": true}]}}
	{finding.severity | some finding in findings} == {"warning"}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["spec"], "message": "one defect"}]}},
		"none": {"source": {"version-unserved": []}},
		"no text": {"object": {"kind": "Gateway"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
