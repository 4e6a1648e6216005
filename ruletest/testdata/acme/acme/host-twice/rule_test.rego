package policies.acme["host-twice_test"]

import data.policies.acme["host-twice"] as rule

test_twice if {
	findings := rule.findings with input as {"peers": {"edge-host": [{
		"key": "a.test",
		"path": ["spec", "hosts", 1],
		"label": "EdgeProxy edge/b",
		"group": "acme.example",
		"kind": "EdgeProxy",
		"namespace": "edge",
		"name": "b",
		"their_path": ["spec", "hosts", 0],
	}]}}
	{[f.path, f.message] | some f in findings} == {[["spec", "hosts", 1], "EdgeProxy edge/b serves a.test too"]}
}
