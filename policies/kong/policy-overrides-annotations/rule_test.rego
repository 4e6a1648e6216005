package policies.kong["policy-overrides-annotations_test"]

import data.policies.kong["policy-overrides-annotations"] as rule

policy(annotations) := {
	"controllers": {"kong": {"certainty": "known"}},
	"object": {"spec": {"validation": {"hostname": "api.shop.test"}, "options": {"tls-verify-depth": "2"}}},
	"refs": {
		"policy-target": [{"path": ["spec", "targetRefs", 0], "label": "Service shop/api", "object": {"metadata": {"annotations": annotations}}}],
		"kong-policy-ca": [{"kind": "ConfigMap", "name": "backend-ca"}],
	},
}

test_verify if {
	findings := rule.findings with input as policy({"konghq.com/tls-verify": "false"})
	findings == {{
		"path": ["spec", "targetRefs", 0],
		"message": "konghq.com/tls-verify \"false\" of Service shop/api loses against the policy",
		"effect": "the backend is verified all the same",
		"remedy": "remove the annotation",
	}}
}

test_found[name] if {
	some name, case in {
		"protocol": {"mine": {"konghq.com/protocol": "grpcs"}, "effect": "the backend is called by https all the same"},
		"header": {"mine": {"konghq.com/host-header": "internal"}, "effect": "the backend gets api.shop.test, the hostname of the policy"},
		"depth": {"mine": {"konghq.com/tls-verify-depth": "1"}, "effect": "the depth is 2, that of the policy"},
		"a CA": {"mine": {"konghq.com/ca-certificates-configmaps": "backend-ca, old-ca"}, "effect": "certificates of Service shop/api of that CA are believed too"},
		"a CA of another kind": {"mine": {"konghq.com/ca-certificates-secrets": "backend-ca"}, "effect": "certificates of Service shop/api of that CA are believed too"},
	}
	findings := rule.findings with input as policy(case.mine)
	{f.effect | some f in findings} == {case.effect}
}

test_silent[name] if {
	some name, mine in {
		"the same": {
			"konghq.com/protocol": "https", "konghq.com/tls-verify": "true", "konghq.com/host-header": "api.shop.test",
			"konghq.com/tls-verify-depth": "+2", "konghq.com/ca-certificates-configmaps": "backend-ca,",
		},
		"what Kong does not read": {"konghq.com/protocol": "HTTPS", "konghq.com/tls-verify": "no", "konghq.com/tls-verify-depth": "deep", "konghq.com/host-header": ""},
		"none": {},
	}
	findings := rule.findings with input as policy(mine)
	count(findings) == 0
}
