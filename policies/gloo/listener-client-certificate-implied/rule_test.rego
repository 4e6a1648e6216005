package policies.gloo["listener-client-certificate-implied_test"]

import data.policies.gloo["listener-client-certificate-implied"] as rule

test_listener[name] if {
	some name, case in {
		"bare": {"options": {}, "controller": "gloo-gateway", "want": 1},
		"stated": {"options": {"gateway.gloo.solo.io/ssl/one-way-tls": "true"}, "controller": "gloo-gateway", "want": 0},
		"meant": {"options": {"gateway.gloo.solo.io/ssl/verify-subject-alt-name": "a"}, "controller": "gloo-gateway", "want": 0},
		"of another": {"options": {}, "controller": "istio", "want": 0},
	}
	findings := rule.findings with input as {
		"controllers": {case.controller: {"certainty": "known"}},
		"object": {"spec": {"listeners": [{"name": "web", "protocol": "HTTPS", "tls": {"options": case.options}}]}},
		"refs": {"listener-certificate": [{
			"path": ["spec", "listeners", 0, "tls", "certificateRefs", 0],
			"label": "Secret shop/web-tls",
			"keys": ["ca.crt", "tls.crt", "tls.key"],
		}]},
	}
	count(findings) == case.want
}
