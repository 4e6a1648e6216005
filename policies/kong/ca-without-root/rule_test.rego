package policies.kong["ca-without-root_test"]

import data.policies.kong["ca-without-root"] as rule

ref := {"path": ["metadata"], "label": "Secret shop/ca", "in_force": true, "keys": ["ca.crt", "id"]}

holds(hash) := object.union(ref, {"content": {"certificates": [hash]}})

certificates := {
	"root": {"subject": "CN=Root", "ca": true, "self_signed": true},
	"int": {"subject": "CN=Int", "ca": true, "self_signed": false},
	"other": {"subject": "CN=Other", "ca": true, "self_signed": false},
	"leaf": {"subject": "CN=Leaf", "ca": false, "self_signed": false},
}

test_verdict[name] if {
	some name, case in {
		"an intermediate": {
			"refs": [holds("int")],
			"want": {["ca.crt", "requests to Service shop/api get 502", "Kong has no root here, only CN=Int, and accepts no chain that does not end at one"]},
		},
		"under cert": {
			"refs": [object.union(ref, {"keys": ["cert", "id"], "also": {"cert": {"certificates": ["int"]}}})],
			"want": {["cert", "requests to Service shop/api get 502", "Kong has no root here, only CN=Int, and accepts no chain that does not end at one"]},
		},
		"two": {
			"refs": [holds("int"), holds("other")],
			"want": {["ca.crt", "requests to Service shop/api get 502", "Kong has no root here, only CN=Int and CN=Other, and accepts no chain that does not end at one"]},
		},
		"the root besides": {"refs": [holds("int"), holds("root")], "want": set()},
		"no CA": {"refs": [holds("leaf")], "want": set()},
		"one out of sight": {"refs": [holds("int"), ref], "want": set()},
		"none": {"refs": [], "want": set()},
	}
	findings := rule.findings with input as {
		"id": {"kind": "Service", "label": "Service shop/api"},
		"refs": {"kong-ca": case.refs},
		"certificates": certificates,
	}
	{[f.key, f.effect, f.message] | some f in findings} == case.want
}
