package policies.config["exemption-unused_test"]

import data.policies.config["exemption-unused"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"exemption-unused": [
		{"path": ["exemptions", 0], "message": "one defect"},
		{"path": ["exemptions", 1], "message": "another defect"},
	]}}
	findings == {
		{"path": ["exemptions", 0], "message": "one defect", "remedy": "remove it"},
		{"path": ["exemptions", 1], "message": "another defect", "remedy": "remove it"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["exemptions", 0], "message": "one defect"}]}},
		"none": {"source": {"exemption-unused": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
