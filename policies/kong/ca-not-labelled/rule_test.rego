package policies.kong["ca-not-labelled_test"]

import data.policies.kong["ca-not-labelled"] as rule

ref := {"path": ["metadata"], "kind": "Secret", "label": "Secret shop/ca", "presence": "present", "labels": {}, "in_force": true}

service(known) := {"id": {"kind": "Service", "label": "Service shop/api"}, "refs": {"kong-ca": [object.union(ref, known)]}}

test_without if {
	findings := rule.findings with input as service({})
	findings == {{
		"path": ["metadata"],
		"message": "Secret shop/ca lacks the label konghq.com/ca-cert: \"true\", without which Kong does not load it",
		"effect": "requests to Service shop/api get 502 where its certificate is of that CA",
		"remedy": "add the label to the Secret",
	}}
}

test_of_a_policy if {
	findings := rule.findings with input as {
		"id": {"kind": "BackendTLSPolicy"},
		"refs": {"kong-policy-ca": [object.union(ref, {"labels": {"konghq.com/ca-cert": "yes"}})], "policy-target": [{"label": "Service shop/api"}]},
	}
	count(findings) == 1
}

test_silent[name] if {
	some name, known in {"with it": {"labels": {"konghq.com/ca-cert": "true"}}, "promised": {"presence": "promised"}, "not verified": {"in_force": false}}
	findings := rule.findings with input as service(known)
	count(findings) == 0
}

test_external if {
	findings := rule.findings with input as {"id": {"kind": "Service", "label": "Service shop/api"}, "refs": {"kong-ca": [object.remove(ref, ["labels"])]}}
	count(findings) == 0
}
