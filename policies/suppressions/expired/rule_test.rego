package policies.suppressions.expired_test

import data.policies.suppressions.expired as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"suppression-expired": [
		{"path": ["remarks", 0], "message": "one defect"},
		{"path": ["remarks", 1], "message": "another defect"},
	]}}
	findings == {
		{"path": ["remarks", 0], "message": "one defect", "remedy": "mend what it suppressed and remove it, or extend it with a fresh reason"},
		{"path": ["remarks", 1], "message": "another defect", "remedy": "mend what it suppressed and remove it, or extend it with a fresh reason"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["remarks", 0], "message": "one defect"}]}},
		"none": {"source": {"suppression-expired": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
