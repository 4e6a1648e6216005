package policies.istio["ingress-host-without-secret_test"]

import data.policies.istio["ingress-host-without-secret"] as rule

test_entry[name] if {
	some name, case in {
		"none": {"entry": {"hosts": ["a.test", "b.test"]}, "want": {"a.test and b.test are served by plain HTTP only"}},
		"no hosts": {"entry": {"secretName": ""}, "want": {"all hosts are served by plain HTTP only"}},
		"a Secret": {"entry": {"hosts": ["a.test"], "secretName": "a"}, "want": set()},
	}
	findings := rule.findings with input as {"object": {"spec": {"tls": [case.entry]}}}
	{f.effect | some f in findings} == case.want
}
