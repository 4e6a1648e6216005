package policies.schema["missing-field_test"]

import data.policies.schema["missing-field"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"missing-field": [
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect"},
		{"path": ["apiVersion"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect", "effect": "the API server refuses the object", "remedy": "add the field"},
		{"path": ["apiVersion"], "message": "another defect", "effect": "the API server refuses the object", "remedy": "add the field"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["spec"], "message": "one defect"}]}},
		"none": {"source": {"missing-field": []}},
		"no text": {"object": {"kind": "Gateway"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
