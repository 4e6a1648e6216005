package policies.suppressions.unused_test

import data.policies.suppressions.unused as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"suppression-unused": [
		{"path": ["remarks", 0], "message": "one defect"},
		{"path": ["remarks", 1], "message": "another defect"},
	]}}
	findings == {
		{"path": ["remarks", 0], "message": "one defect", "remedy": "remove it, or what it names in vain"},
		{"path": ["remarks", 1], "message": "another defect", "remedy": "remove it, or what it names in vain"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["remarks", 0], "message": "one defect"}]}},
		"none": {"source": {"suppression-unused": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
