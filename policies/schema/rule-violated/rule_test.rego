package policies.schema["rule-violated_test"]

import data.policies.schema["rule-violated"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"rule-violated": [
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect"},
		{"path": ["apiVersion"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect", "effect": "the API server refuses the object", "remedy": "change what the rule is about"},
		{"path": ["apiVersion"], "message": "another defect", "effect": "the API server refuses the object", "remedy": "change what the rule is about"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["spec"], "message": "one defect"}]}},
		"none": {"source": {"rule-violated": []}},
		"no text": {"object": {"kind": "Gateway"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
