package policies["gateway-api"]["backend-policy-unread_test"]

import data.policies["gateway-api"]["backend-policy-unread"] as rule

judge(controller) := {f.effect | some f in findings} if {
	findings := rule.findings with input as {"controllers": {controller: {"certainty": "known"}}, "refs": {"policy-target": [{"label": "Service shop/api"}]}}
}

test_controllers if {
	judge("gloo-gateway") == {"requests to Service shop/api are sent unencrypted by Gloo Gateway"}
	judge("kgateway") == set()
}
