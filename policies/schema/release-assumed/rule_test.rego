package policies.schema["release-assumed_test"]

import data.policies.schema["release-assumed"] as rule

test_each_defect if {
	findings := rule.findings with input as {"source": {"release-assumed": [
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect"},
		{"path": ["apiVersion"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["spec", "listeners", 0, "name"], "message": "one defect", "remedy": "say under schemas: in .tlsward.yaml which CRDs the cluster has"},
		{"path": ["apiVersion"], "message": "another defect", "remedy": "say under schemas: in .tlsward.yaml which CRDs the cluster has"},
	}
}

test_silent[name] if {
	some name, document in {
		"another defect": {"source": {"duplicate-key": [{"path": ["spec"], "message": "one defect"}]}},
		"none": {"source": {"release-assumed": []}},
		"no text": {"object": {"kind": "Gateway"}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
