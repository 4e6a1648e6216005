package policies["ingress-nginx"]["tls-host-twice_test"]

import data.policies["ingress-nginx"]["tls-host-twice"] as rule

judge(tls) := {[f.path, f.message] | some f in findings} if {
	findings := rule.findings with input as {"object": {"spec": {"tls": tls}}}
}

test_found[name] if {
	some name, case in {
		"two Secrets": {"first": {"hosts": ["api.shop.test"], "secretName": "a"}, "want": "an entry before this one lists API.shop.test, with Secret a"},
		"one without": {"first": {"hosts": ["api.shop.test"]}, "want": "an entry before this one lists API.shop.test, with no Secret"},
	}
	judge([case.first, {"hosts": ["www.shop.test", "API.shop.test"], "secretName": "b"}]) == {[["spec", "tls", 1, "hosts", 1], case.want]}
}

test_silent if {
	judge([{"hosts": ["api.shop.test"], "secretName": "a"}, {"hosts": ["api.shop.test"], "secretName": "a"}]) == set()
	judge([{"hosts": ["api.shop.test"], "secretName": "a"}, {"hosts": ["www.shop.test"], "secretName": "b"}]) == set()
	judge([{"hosts": ["api.shop.test", "api.shop.test"], "secretName": "a"}]) == set()
}
