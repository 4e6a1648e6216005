package policies.manifests["duplicate-key_test"]

import data.policies.manifests["duplicate-key"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"duplicate-key": [
		{"path": ["data", "ca.crt"], "message": "one defect"},
		{"path": ["metadata", "labels"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["data", "ca.crt"], "message": "one defect", "remedy": "remove one of the two"},
		{"path": ["metadata", "labels"], "message": "another defect", "remedy": "remove one of the two"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"wrong-type": [{"path": ["data", "ca.crt"], "message": "one defect"}]}},
		"none": {"source": {"duplicate-key": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
