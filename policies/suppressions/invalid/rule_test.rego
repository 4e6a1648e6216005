package policies.suppressions.invalid_test

import data.policies.suppressions.invalid as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"suppression-invalid": [
		{"path": ["remarks", 0], "message": "one defect"},
		{"path": ["remarks", 1], "message": "another defect"},
	]}}
	findings == {
		{"path": ["remarks", 0], "message": "one defect", "remedy": "write tlsward:ignore provider/rule, provider/rule until 2027-03-31 -- reason; the annotation without the first word, and until is optional"},
		{"path": ["remarks", 1], "message": "another defect", "remedy": "write tlsward:ignore provider/rule, provider/rule until 2027-03-31 -- reason; the annotation without the first word, and until is optional"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["remarks", 0], "message": "one defect"}]}},
		"none": {"source": {"suppression-invalid": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
