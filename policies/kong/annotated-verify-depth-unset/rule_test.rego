package policies.kong["annotated-verify-depth-unset_test"]

import data.policies.kong["annotated-verify-depth-unset"] as rule

depth := "konghq.com/tls-verify-depth"

service(more) := object.union(
	{
		"id": {"kind": "Service", "label": "Service shop/api", "name": "api"},
		"object": {"metadata": {"annotations": {"konghq.com/tls-verify": "true"}}},
		"refs": {"kong-ca": [{"in_force": true}]},
		"certificates": {},
	},
	more,
)

test_unset if {
	findings := rule.findings with input as service({})
	findings == {{
		"path": ["metadata", "annotations", depth],
		"message": "konghq.com/tls-verify-depth is not set, and Kong then allows one intermediate",
		"effect": "requests to Service shop/api get 502 where its certificate has more of them",
		"remedy": "set it to \"1\"",
		"fix": {
			"title": "set konghq.com/tls-verify-depth to \"1\"",
			"safe": true,
			"edits": [{"op": "set", "path": ["metadata", "annotations", depth], "value": "1"}],
		},
	}}
}

route(backends) := {"object": {"spec": {"rules": [{"backendRefs": [{"name": name} | some name in backends]}]}}}

test_beside_others[name] if {
	some name, more in {"in a rule": {"peers": {"route": [route(["web"]), route(["api", "web"])]}}, "perhaps": {"truncated": ["route"]}}
	findings := rule.findings with input as service(more)
	[f.remedy | some f in findings; not f.fix] == ["set it to \"1\" on all Services of the rule at once: Kong leaves out a rule whose Services differ"]
}

test_alone if {
	findings := rule.findings with input as service({"peers": {"route": [route(["api"]), route(["web", "shop"])]}})
	count([f | some f in findings; f.fix]) == 1
}

test_silent[name] if {
	some name, more in {
		"set": {"object": {"metadata": {"annotations": {depth: "1"}}}},
		"not verified": {"refs": {"kong-ca": [{"in_force": false}]}},
		"a policy": {"peers": {"backend-policy": [{"label": "BackendTLSPolicy shop/api"}]}},
	}
	findings := rule.findings with input as service(more)
	count(findings) == 0
}

test_facade[name] if {
	some name, case in {
		"unset": {"own": {"konghq.com/tls-verify": "true"}, "behind": {}, "want": 1},
		"verified by its Service": {"own": {}, "behind": {"konghq.com/tls-verify": "t"}, "want": 1},
		"set on its Service": {"own": {"konghq.com/tls-verify": "true"}, "behind": {depth: "2"}, "want": 0},
		"not verified": {"own": {}, "behind": {}, "want": 0},
	}
	findings := rule.findings with input as {
		"id": {"kind": "KongServiceFacade", "label": "KongServiceFacade shop/api", "name": "api"},
		"object": {"metadata": {"annotations": case.own}},
		"refs": {"kong-ca": [{"in_force": true}], "kong-facade-service": [{"object": {"metadata": {"annotations": case.behind}}}]},
		"certificates": {},
	}
	count(findings) == case.want
}

test_a_facade_sets_the_depth if {
	findings := rule.findings with input as service({"peers": {"kong-facade": [{"object": {"metadata": {"annotations": {depth: "2"}}}}]}})
	count(findings) == 0
}
