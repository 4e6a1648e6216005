package policies.manifests["duplicate-object_test"]

import data.policies.manifests["duplicate-object"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"duplicate-object": [
		{"path": ["metadata", "name"], "message": "one defect"},
		{"path": ["metadata", "labels"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["metadata", "name"], "message": "one defect", "remedy": "remove one, or declare the folders as separate roots"},
		{"path": ["metadata", "labels"], "message": "another defect", "remedy": "remove one, or declare the folders as separate roots"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["metadata", "name"], "message": "one defect"}]}},
		"none": {"source": {"duplicate-object": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
