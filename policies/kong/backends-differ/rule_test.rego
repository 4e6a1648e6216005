package policies.kong["backends-differ_test"]

import data.policies.kong["backends-differ"] as rule

backend(index, name, annotations) := {
	"path": ["spec", "rules", 0, "backendRefs", index],
	"kind": "Service",
	"label": sprintf("Service shop/%s", [name]),
	"object": {"metadata": {"annotations": annotations}},
}

route(refs, peers) := {"controllers": {"kong": {"certainty": "known"}}, "refs": {"route-backend": refs}, "peers": peers}

https := {"konghq.com/protocol": "https"}

test_annotations if {
	findings := rule.findings with input as route([backend(0, "api", https), backend(1, "next", {})], {})
	findings == {{
		"path": ["spec", "rules", 0, "backendRefs", 1],
		"message": "Service shop/api and Service shop/next differ in konghq.com/protocol",
		"effect": "Kong leaves the rule out, and its requests get 404",
		"remedy": "annotate all Services of the rule in the same way",
	}}
}

covered := {"backend-policy": [{"path": ["spec", "rules", 0, "backendRefs", 0]}]}

test_a_policy_for_one if {
	findings := rule.findings with input as route([backend(0, "api", {}), backend(1, "next", {})], covered)
	{[f.path[4], f.message] | some f in findings} == {[1, "Service shop/next has no BackendTLSPolicy, and stands in one rule with Service shop/api, which has"]}
}

test_silent[name] if {
	some name, case in {
		"equal": [[backend(0, "api", https), backend(1, "next", https)], {}],
		"twice the same": [[backend(0, "api", https), backend(1, "api", https)], {}],
		"out of sight": [[backend(0, "api", https), object.remove(backend(1, "next", {}), ["object"])], {}],
		"alone": [[backend(0, "api", https)], covered],
		"both covered": [[backend(0, "api", {}), backend(1, "next", {})], {"backend-policy": [{"path": ["spec", "rules", 0, "backendRefs", index]} | some index in [0, 1]]}],
	}
	findings := rule.findings with input as route(case[0], case[1])
	count(findings) == 0
}

test_too_many if {
	whole := object.union(route([backend(0, "api", {}), backend(1, "next", {})], covered), {"truncated": ["backend-policy"]})
	findings := rule.findings with input as whole
	count(findings) == 0
}
