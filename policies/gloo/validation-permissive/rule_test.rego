package policies.gloo["validation-permissive_test"]

import data.policies.gloo["validation-permissive"] as rule

judge(validation) := {f.message | some f in findings} if {
	findings := rule.findings with input as {"object": {"spec": {"gateway": {"validation": validation}}}}
}

test_settings if {
	judge({}) == {"alwaysAccept is true", "fullEnvoyValidation is false"}
	judge({"alwaysAccept": false, "warnMissingTlsSecret": true, "fullEnvoyValidation": true}) == {"warnMissingTlsSecret is true"}
	judge({"alwaysAccept": "no", "fullEnvoyValidation": true}) == set()
}

test_no_validation if {
	findings := rule.findings with input as {"object": {"spec": {}}}
	count(findings) == 0
}
