package policies["gateway-api"]["backend-policy-target-missing_test"]

import data.policies["gateway-api"]["backend-policy-target-missing"] as rule

path := ["spec", "targetRefs", 0]

missing := {
	"path": path,
	"group": "",
	"kind": "Service",
	"namespace": "shop",
	"name": "orders",
	"label": "Service shop/orders",
	"presence": "absent",
	"evidence": "complete",
	"state": "does not exist",
	"near": [],
}

near(label) := object.union(missing, {"evidence": "near-miss", "near": [{"label": label, "why": "here"}]})

judge(ref, routes) := findings if {
	findings := rule.findings with input as {"refs": {"policy-target": [ref]}, "peers": {"route": routes}}
}

test_complete if {
	judge(missing, []) == {{
		"path": path,
		"message": "Service shop/orders does not exist",
		"effect": "the policy is for nothing, and requests that it should encrypt are sent unencrypted",
		"remedy": "name a Service of namespace shop",
		"severity": "error",
	}}
}

test_others[name] if {
	some name, case in {
		"in another namespace": {"ref": near("Service backend/orders"), "want": {["error", "move the policy and its CA to the namespace of Service backend/orders"]}},
		"in another namespace, and all is here": {
			"ref": object.union(near("Service backend/orders"), {"evidence": "complete"}),
			"want": {["error", "move the policy and its CA to the namespace of Service backend/orders"]},
		},
		"nearly that name": {"ref": near("Service shop/orders-api"), "want": {["warning", "name a Service of namespace shop, or refer to Service shop/orders-api"]}},
		"in another environment": {"ref": near("Service shop/orders"), "want": {["warning", "name a Service of namespace shop"]}},
		"other Services are here": {"ref": object.union(missing, {"evidence": "siblings"}), "want": set()},
		"another kind": {"ref": object.union(missing, {"kind": "Backend"}), "want": set()},
		"there": {"ref": object.union(missing, {"presence": "present", "evidence": ""}), "want": set()},
	}
	{[f.severity, f.remedy] | some f in judge(case.ref, [])} == case.want
}

# Whoever routes to it has it from elsewhere.
test_route if {
	judge(near("Service backend/orders"), [{"path": path}]) == set()
	judge(near("Service shop/orders-api"), [{"path": path}]) == set()
	count(judge(near("Service backend/orders"), [{"path": ["spec", "targetRefs", 1]}])) == 1
	count(judge(missing, [{"path": path}])) == 1
}
