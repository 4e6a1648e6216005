package policies.manifests["wrong-type_test"]

import data.policies.manifests["wrong-type"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"wrong-type": [
		{"path": ["spec", "tls"], "message": "one defect"},
		{"path": ["metadata", "labels"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["spec", "tls"], "message": "one defect", "remedy": "write a value of that type; quote what is to be a string"},
		{"path": ["metadata", "labels"], "message": "another defect", "remedy": "write a value of that type; quote what is to be a string"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["spec", "tls"], "message": "one defect"}]}},
		"none": {"source": {"wrong-type": []}},
		"no text": {"object": {"kind": "Secret"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
