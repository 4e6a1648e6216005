package policies["gateway-api"]["backend-policy-several-targets_test"]

import data.policies["gateway-api"]["backend-policy-several-targets"] as rule

judge(names) := findings if {
	findings := rule.findings with input as {"object": {"spec": {"targetRefs": [{"name": name} | some name in names]}}}
}

test_several if {
	judge(["a", "b", "c"]) == {{
		"path": ["spec", "targetRefs", 1],
		"message": "the policy has 3 targets, and the specification has controllers support one",
		"effect": "what is wrong with one of them hides in the status of all",
		"remedy": "write a policy for each target",
	}}
}

test_one if {
	judge(["a"]) == set()
	judge([]) == set()
}
