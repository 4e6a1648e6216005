package policies["envoy-gateway"]["client-policy-conflict_test"]

import data.policies["envoy-gateway"]["client-policy-conflict"] as rule

validation := {"clientValidation": {}}

policy(targets, tls) := {"spec": {"targetRefs": targets, "tls": tls}}

peer(age, object_) := {
	"path": ["spec", "targetRefs", 0],
	"their_path": ["spec", "targetRefs", 0],
	"label": "ClientTrafficPolicy shop/other",
	"age": age,
	"object": object_,
}

judge(namespace, own, other) := {[f.severity, f.effect, f.message] | some f in findings} if {
	findings := rule.findings with input as {"id": {"namespace": namespace}, "object": own, "peers": {"client-policy": [other]}}
}

gateway := [{"kind": "Gateway", "name": "edge"}]

listener := [{"name": "edge", "sectionName": "web"}]

test_verdict[name] if {
	some name, case in {
		"the Gateway": {
			"own": policy(gateway, {}),
			"other": peer("unknown", {"spec": {"targetRef": {"name": "edge"}, "tls": validation}}),
			"want": {["error", "only the older of two policies for Gateway edge is in force, and client certificates with it", "ClientTrafficPolicy shop/other names it too"]},
		},
		"a listener": {
			"own": policy(listener, validation),
			"other": peer("older", policy(listener, {})),
			"want": {["error", "only the older of two policies for listener web of Gateway edge is in force, and client certificates with it", "ClientTrafficPolicy shop/other names it too"]},
		},
		"without client certificates": {
			"own": policy(gateway, {}),
			"other": peer("older", policy(gateway, {})),
			"want": {["warning", "only the older of two policies for Gateway edge is in force", "ClientTrafficPolicy shop/other names it too"]},
		},
		"the younger one": {"own": policy(gateway, {}), "other": peer("newer", policy(gateway, {})), "want": set()},
		"a listener and the Gateway": {"own": policy(listener, {}), "other": peer("older", policy(gateway, {})), "want": set()},
	}
	judge("shop", case.own, case.other) == case.want
}

test_no_namespace if {
	{finding[0] | some finding in judge("", policy(gateway, validation), peer("unknown", policy(gateway, {})))} == {"warning"}
}
