package policies.schema["invalid-value_test"]

import data.policies.schema["invalid-value"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"invalid-value": [
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect"},
		{"path": ["apiVersion"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect", "effect": "the API server refuses the object", "remedy": "write a value that the CRD allows"},
		{"path": ["apiVersion"], "message": "another defect", "effect": "the API server refuses the object", "remedy": "write a value that the CRD allows"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["spec"], "message": "one defect"}]}},
		"none": {"source": {"invalid-value": []}},
		"no text": {"object": {"kind": "Gateway"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
