package policies["gateway-api"]["listener-set-not-attached_test"]

import data.policies["gateway-api"]["listener-set-not-attached"] as rule

own := {"spec": {"listeners": [{"name": "web", "hostname": "www.shop.test"}]}}

judge(spec) := {[f.effect, f.message] | some f in findings} if {
	findings := rule.findings with input as {
		"id": {"namespace": "shop"},
		"object": own,
		"peers": {"parent": [{"label": "Gateway infra/edge", "namespace": "infra", "object": {"spec": spec}}]},
	}
}

test_admission[name] if {
	some name, case in {
		"by default none": {"spec": {}, "want": {"Gateway infra/edge takes no ListenerSet of namespace shop (allowedListeners: None, the default)"}},
		"of its own namespace": {
			"spec": {"allowedListeners": {"namespaces": {"from": "Same"}}},
			"want": {"Gateway infra/edge takes no ListenerSet of namespace shop (allowedListeners: Same)"},
		},
		"all": {"spec": {"allowedListeners": {"namespaces": {"from": "All"}}}, "want": set()},
	}
	judge(case.spec) == {["clients of www.shop.test get no connection", message] | some message in case.want}
}

test_missing[name] if {
	some name, case in {"absent": ["warning"], "unknown": [], "present": []}
	findings := rule.findings with input as {
		"id": {"namespace": "shop"},
		"object": own,
		"refs": {"parent-gateway": [{"path": ["spec", "parentRef"], "label": "Gateway infra/edge", "name": "edge", "near": [], "presence": name, "state": "does not exist"}]},
	}
	[f.severity | some f in findings] == case
}
