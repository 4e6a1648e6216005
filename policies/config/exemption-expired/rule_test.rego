package policies.config["exemption-expired_test"]

import data.policies.config["exemption-expired"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"exemption-expired": [
		{"path": ["exemptions", 0], "message": "one defect"},
		{"path": ["exemptions", 1], "message": "another defect"},
	]}}
	findings == {
		{"path": ["exemptions", 0], "message": "one defect", "remedy": "mend what it excused and remove it, or extend it with a fresh reason"},
		{"path": ["exemptions", 1], "message": "another defect", "remedy": "mend what it excused and remove it, or extend it with a fresh reason"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["exemptions", 0], "message": "one defect"}]}},
		"none": {"source": {"exemption-expired": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
