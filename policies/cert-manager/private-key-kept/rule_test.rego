package policies["cert-manager"]["private-key-kept_test"]

import data.policies["cert-manager"]["private-key-kept"] as rule

test_kept if {
	findings := rule.findings with input as {"object": {"spec": {"privateKey": {"rotationPolicy": "Never"}}}}
	{f.path | some f in findings} == {["spec", "privateKey", "rotationPolicy"]}
}

test_rotated if {
	findings := rule.findings with input as {"object": {"spec": {"privateKey": {"rotationPolicy": "Always"}}}}
	count(findings) == 0
}
