package policies.schema["list-duplicate_test"]

import data.policies.schema["list-duplicate"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"list-duplicate": [
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect"},
		{"path": ["apiVersion"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect", "effect": "the API server refuses the object", "remedy": "give the elements different keys, or remove one"},
		{"path": ["apiVersion"], "message": "another defect", "effect": "the API server refuses the object", "remedy": "give the elements different keys, or remove one"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["spec"], "message": "one defect"}]}},
		"none": {"source": {"list-duplicate": []}},
		"no text": {"object": {"kind": "Gateway"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
