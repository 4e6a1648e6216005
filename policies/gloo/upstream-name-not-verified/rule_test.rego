package policies.gloo["upstream-name-not-verified_test"]

import data.policies.gloo["upstream-name-not-verified"] as rule

judge(config, presence) := count(findings) if {
	findings := rule.findings with input as {
		"id": {"group": "", "version": "v1", "kind": "Upstream", "namespace": "shop", "name": "api", "label": "Upstream shop/api"},
		"object": {"spec": {"sslConfig": config}},
		"refs": {"gloo-backend-ca": [{"key_presence": presence}]},
	}
}

test_configs[name] if {
	some name, case in {
		"Secret": {"config": {"secretRef": {"name": "x"}}, "presence": "present", "want": 1},
		"Secret without a CA": {"config": {"secretRef": {"name": "x"}}, "presence": "absent", "want": 0},
		"files": {"config": {"sslFiles": {"rootCa": "/ca"}}, "presence": "absent", "want": 1},
		"sds": {"config": {"sds": {"validationContextName": "ca"}}, "presence": "absent", "want": 1},
		"names": {"config": {"secretRef": {"name": "x"}, "verifySubjectAltName": ["a"]}, "presence": "present", "want": 0},
	}
	judge(case.config, case.presence) == case.want
}
