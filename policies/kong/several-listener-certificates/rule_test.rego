package policies.kong["several-listener-certificates_test"]

import data.policies.kong["several-listener-certificates"] as rule

gateway(mode, references) := {
	"controllers": {"kong": {"certainty": "known"}},
	"object": {"spec": {"listeners": [{"name": "https", "hostname": "api.shop.test", "protocol": "HTTPS", "tls": {"mode": mode, "certificateRefs": references}}]}},
}

test_two if {
	findings := rule.findings with input as gateway("Terminate", [{"name": "a"}, {"name": "b"}])
	findings == {{
		"path": ["spec", "listeners", 0, "tls", "certificateRefs"],
		"message": "Kong takes one certificate for a listener, and none of 2",
		"effect": "clients of api.shop.test are shown Kong's default certificate",
		"remedy": "give each host a listener of its own, with its certificate",
	}}
}

test_silent[name] if {
	some name, case in {"one": ["Terminate", [{"name": "a"}]], "passed through": ["Passthrough", [{"name": "a"}, {"name": "b"}]]}
	findings := rule.findings with input as gateway(case[0], case[1])
	count(findings) == 0
}
