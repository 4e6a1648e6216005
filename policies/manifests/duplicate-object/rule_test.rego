package policies.manifests["duplicate-object_test"]

import data.policies.manifests["duplicate-object"] as rule

test_each_defect if {
	findings := rule.findings with input as {"id": {"kind": "Secret"}, "source": {"duplicate-object": [
		{"path": ["metadata", "name"], "message": "one defect"},
		{"path": ["metadata", "labels"], "message": "another defect"},
	]}}
	findings == {
		{"path": ["metadata", "name"], "message": "one defect", "remedy": "remove one, or declare the folders as separate roots"},
		{"path": ["metadata", "labels"], "message": "another defect", "remedy": "remove one, or declare the folders as separate roots"},
	}
}

twice := {"duplicate-object": [{"path": ["metadata", "name"], "message": "one defect"}]}

test_kinds[name] if {
	some name, case in {
		"an Ingress": {"kind": "Ingress", "refs": {}, "want": 1},
		"a grant": {"kind": "ReferenceGrant", "refs": {}, "want": 1},
		"a Service": {"kind": "Service", "refs": {}, "want": 0},
		"a route": {"kind": "HTTPRoute", "refs": {"parent-gateway": [{"use": "other"}], "policy-target": [{"use": "target"}]}, "want": 0},
		"a kind of others that verifies": {"kind": "EdgeProxy", "refs": {"client-ca": [{"use": "trust"}]}, "want": 1},
		"a kind of others that shows a certificate": {"kind": "EdgeProxy", "refs": {"server-certificate": [{"use": "certificate"}]}, "want": 1},
	}
	findings := rule.findings with input as {"id": {"kind": case.kind}, "refs": case.refs, "source": twice}
	count(findings) == case.want
}

test_silent[name] if {
	some name, source in {
		"another defect": {"duplicate-key": [{"path": ["metadata", "name"], "message": "one defect"}]},
		"none": {"duplicate-object": []},
		"no text": {},
	}
	findings := rule.findings with input as {"id": {"kind": "Secret"}, "source": source}
	count(findings) == 0
}
