package policies.suppressions["reason-missing_test"]

import data.policies.suppressions["reason-missing"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"suppression-reason-missing": [
		{"path": ["remarks", 0], "message": "one defect"},
		{"path": ["remarks", 1], "message": "another defect"},
	]}}
	findings == {
		{"path": ["remarks", 0], "message": "one defect", "remedy": "write the reason behind two dashes: provider/rule -- reason"},
		{"path": ["remarks", 1], "message": "another defect", "remedy": "write the reason behind two dashes: provider/rule -- reason"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["remarks", 0], "message": "one defect"}]}},
		"none": {"source": {"suppression-reason-missing": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
