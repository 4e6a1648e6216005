package policies.kong["ca-id-shared_test"]

import data.policies.kong["ca-id-shared"] as rule

ref(name, hash, certificate) := {
	"path": ["metadata", name],
	"label": sprintf("Secret shop/%s", [name]),
	"in_force": true,
	"identifiers": {"id": {"uuid": true, "opaque": false, "hash": hash}},
	"content": {"certificates": [certificate]},
}

service(refs) := {"id": {"kind": "Service", "label": "Service shop/api"}, "refs": {"kong-ca": refs}}

test_shared if {
	findings := rule.findings with input as service([ref("new", "0", "b"), ref("old", "0", "a")])
	{[f.path[1], f.message] | some f in findings} == {
		["new", "Secret shop/new and Secret shop/old have the same id, and Kong loads only the older"],
		["old", "Secret shop/new and Secret shop/old have the same id, and Kong loads only the older"],
	}
}

test_silent[name] if {
	some name, refs in {
		"two ids": [ref("new", "0", "b"), ref("old", "1", "a")],
		"the same CA": [ref("new", "0", "a"), ref("old", "0", "a")],
		"encrypted": [ref("new", "", "b"), ref("old", "", "a")],
		"one": [ref("old", "0", "a")],
	}
	findings := rule.findings with input as service(refs)
	count(findings) == 0
}
