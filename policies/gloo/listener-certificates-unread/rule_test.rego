package policies.gloo["listener-certificates-unread_test"]

import data.policies.gloo["listener-certificates-unread"] as rule

judge(controller, refs) := count(findings) if {
	findings := rule.findings with input as {
		"controllers": {controller: {"certainty": "known"}},
		"object": {"spec": {"listeners": [{"name": "web", "protocol": "HTTPS", "tls": {"certificateRefs": refs}}]}},
	}
}

test_references if {
	judge("gloo-gateway", [{"name": "a"}, {"name": "b"}]) == 1
	judge("gloo-gateway", [{"name": "a"}]) == 0
	judge("istio", [{"name": "a"}, {"name": "b"}]) == 0
}
