package policies.kong["protocol-unknown_test"]

import data.policies.kong["protocol-unknown"] as rule

service(protocol) := {"id": {"label": "Service shop/api"}, "object": {"metadata": {"annotations": {"konghq.com/protocol": protocol}}}}

path := ["metadata", "annotations", "konghq.com/protocol"]

test_in_capitals if {
	findings := rule.findings with input as service("HTTPS")
	findings == {{
		"path": path,
		"message": "Kong knows no protocol \"HTTPS\", and calls Service shop/api by http",
		"effect": "requests to Service shop/api are sent unencrypted",
		"remedy": "set it to https, or to what else the backend speaks, in small letters",
		"fix": {
			"title": "set konghq.com/protocol to https",
			"safe": false,
			"edits": [{"op": "set", "path": path, "value": "https"}],
		},
	}}
}

test_of_another_controller if {
	findings := rule.findings with input as service("h2c")
	[f.path | some f in findings; not f.fix] == [path]
}

test_silent[name] if {
	some name, protocol in {"known": "https", "empty": "", "filled in later": "{{ .protocol }}"}
	findings := rule.findings with input as service(protocol)
	count(findings) == 0
}

test_a_policy_sets_it if {
	findings := rule.findings with input as object.union(service("HTTPS"), {"peers": {"backend-policy": [{"label": "BackendTLSPolicy shop/api"}]}})
	count(findings) == 0
}
