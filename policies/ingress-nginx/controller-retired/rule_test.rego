package policies["ingress-nginx"]["controller-retired_test"]

import data.policies["ingress-nginx"]["controller-retired"] as rule

judge(spec, controllers) := {[f.path, f.effect] | some f in findings} if {
	findings := rule.findings with input as {"object": {"spec": spec}, "controllers": controllers}
}

ours := {"ingress-nginx": {"certainty": "assumed", "reason": "class name nginx"}}

test_class if {
	judge({"ingressClassName": "nginx", "rules": [{"host": "api.shop.test"}]}, ours) == {[
		["spec", "ingressClassName"], "vulnerabilities of the proxy in front of api.shop.test stay open",
	]}
}

test_no_class if judge({"rules": [{"host": "api.shop.test"}]}, ours) == {[["spec"], "vulnerabilities of the proxy in front of api.shop.test stay open"]}

test_another if judge({"rules": [{"host": "api.shop.test"}]}, {}) == set()
