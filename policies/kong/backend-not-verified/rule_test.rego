package policies.kong["backend-not-verified_test"]

import data.policies.kong["backend-not-verified"] as rule

verify := "konghq.com/tls-verify"

list := "konghq.com/ca-certificates-configmaps"

service(annotations) := {"id": {"kind": "Service", "label": "Service shop/api"}, "object": {"metadata": {"annotations": annotations}}}

test_no_boolean if {
	findings := rule.findings with input as service({verify: "yes", list: "backend-ca"})
	findings == {{
		"path": ["metadata", "annotations", verify],
		"message": "konghq.com/tls-verify \"yes\" is no boolean, and counts as not set",
		"effect": "any certificate of Service shop/api is believed",
		"remedy": "set konghq.com/tls-verify: \"true\"",
		"fix": {
			"title": "set konghq.com/tls-verify to \"true\"",
			"safe": false,
			"edits": [{"op": "set", "path": ["metadata", "annotations", verify], "value": "true"}],
		},
	}}
}

test_found[name] if {
	some name, case in {
		"something else": {"mine": {verify: "strict"}, "path": verify},
		"CAs alone": {"mine": {list: "backend-ca"}, "path": list},
		"CAs and an empty one": {"mine": {list: "backend-ca", verify: ""}, "path": list},
		"CAs and false": {"mine": {"konghq.com/ca-certificates-secrets": "a, b", verify: "False"}, "path": "konghq.com/ca-certificates-secrets"},
	}
	findings := rule.findings with input as service(case.mine)
	[[f.path[2], object.get(f, "fix", null)] | some f in findings] == [[case.path, null]]
}

test_silent[name] if {
	some name, mine in {
		"true": {verify: "T", list: "backend-ca"},
		"off, in other words": {verify: "off"},
		"off": {verify: "false"},
		"an empty one": {verify: "", list: " , "},
		"filled in later": {verify: "${VERIFY}", list: "backend-ca"},
	}
	findings := rule.findings with input as service(mine)
	count(findings) == 0
}

test_a_policy_verifies if {
	whole := object.union(service({verify: "yes", list: "backend-ca"}), {"peers": {"backend-policy": [{"label": "BackendTLSPolicy shop/api"}]}})
	findings := rule.findings with input as whole
	count(findings) == 0
}

test_a_policy_verifies_what_no_annotation_asks_for if {
	whole := object.union(service({list: "backend-ca"}), {"peers": {"backend-policy": [{"label": "BackendTLSPolicy shop/api"}]}})
	findings := rule.findings with input as whole
	count(findings) == 0
}
