package policies.suppressions["annotation-not-allowed_test"]

import data.policies.suppressions["annotation-not-allowed"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"suppression-not-allowed": [
		{"path": ["remarks", 0], "message": "one defect"},
		{"path": ["remarks", 1], "message": "another defect"},
	]}}
	findings == {
		{"path": ["remarks", 0], "message": "one defect", "remedy": "remove it, have the config list the exemption, or set annotationExemptions: true there"},
		{"path": ["remarks", 1], "message": "another defect", "remedy": "remove it, have the config list the exemption, or set annotationExemptions: true there"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["remarks", 0], "message": "one defect"}]}},
		"none": {"source": {"suppression-not-allowed": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
