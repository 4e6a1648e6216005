package policies.kong["verify-depth-unset_test"]

import data.policies.kong["verify-depth-unset"] as rule

root := {"subject": "CN=Root", "issuer": "CN=Root", "self_signed": true}

below(name, issuer) := {"subject": name, "issuer": issuer, "self_signed": false}

certificates := {"root": root, "one": below("CN=One", "CN=Root"), "two": below("CN=Two", "CN=One")}

policy(hashes, more) := object.union(
	{
		"id": {"kind": "BackendTLSPolicy", "version": "v1alpha3"},
		"controllers": {"kong": {"certainty": "known"}},
		"object": {"spec": {}},
		"refs": {
			"policy-target": [{"label": "Service shop/api"}],
			"kong-policy-ca": [{"content": {"certificates": [hash]}} | some hash in hashes],
		},
		"certificates": certificates,
		"params": {"kong/verify-depth-unset": {"minimum": 1, "inject": "always"}},
	},
	more,
)

path := ["spec", "options", "tls-verify-depth"]

test_unset if {
	findings := rule.findings with input as policy(["root"], {})
	findings == {{
		"path": path,
		"message": "tls-verify-depth is not set, and Kong then allows one intermediate",
		"effect": "requests to Service shop/api get 502 where its certificate has more than one intermediate",
		"remedy": "set it to \"1\"",
		"severity": "info",
		"fix": {
			"title": "set tls-verify-depth to \"1\"",
			"safe": true,
			"edits": [{"op": "set", "path": path, "value": "1"}],
		},
	}}
}

test_depth[name] if {
	some name, case in {
		"two below": {"hashes": ["two", "root", "one"], "more": {}, "effect": "requests to Service shop/api get 502 where its certificate has 2 intermediates", "value": "2"},
		"a minimum": {"hashes": ["root"], "more": {"params": {"kong/verify-depth-unset": {"minimum": 3}}}, "effect": "requests to Service shop/api get 502 where its certificate has more than one intermediate", "value": "3"},
		"out of sight": {"hashes": ["elsewhere"], "more": {}, "effect": "requests to Service shop/api get 502 where its certificate has more than one intermediate", "value": "1"},
	}
	findings := rule.findings with input as policy(case.hashes, case.more)
	{[f.effect, f.fix.edits[0].value] | some f in findings} == {[case.effect, case.value]}
}

test_another_version if {
	findings := rule.findings with input as policy(["root"], {"id": {"version": "v1"}})
	{f.message | some f in findings} == {"tls-verify-depth is not set, and Kong then allows one intermediate; it reads policies as v1alpha3 only, so that nobody reads the option where the cluster serves only v1"}
}

test_another_controller_too if {
	findings := rule.findings with input as policy(["root"], {"controllers": {"kgateway": {"certainty": "known"}}})
	[f.remedy | some f in findings; not f.fix] == ["set it to \"1\""]
}

test_silent[name] if {
	some name, more in {
		"set": {"object": {"spec": {"options": {"tls-verify-depth": "1"}}}},
		"set to nothing": {"object": {"spec": {"options": {"tls-verify-depth": ""}}}},
		"not needed": {"params": {"kong/verify-depth-unset": {"inject": "when-needed"}}},
	}
	findings := rule.findings with input as policy(["root"], more)
	count(findings) == 0
}

test_needed if {
	findings := rule.findings with input as policy(["root", "one", "two"], {"params": {"kong/verify-depth-unset": {"inject": "when-needed"}}})
	count(findings) == 1
}

test_no_kong if {
	findings := rule.findings with input as {"id": {"kind": "BackendTLSPolicy"}, "controllers": {}, "refs": {"backend-ca": []}}
	count(findings) == 0
}
