package policies.manifests["unknown-field_test"]

import data.policies.manifests["unknown-field"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"unknown-field": [
		{"path": ["spec", "tls", 0, "secret"], "message": "one defect"},
		{"path": ["spec", "tls", 1, "secret"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["spec", "tls", 0, "secret"], "message": "one defect", "remedy": "correct the name, or remove the field"},
		{"path": ["spec", "tls", 1, "secret"], "message": "another defect", "remedy": "correct the name, or remove the field"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["spec", "tls", 0, "secret"], "message": "one defect"}]}},
		"none": {"source": {"unknown-field": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
