package policies["envoy-gateway"]["backend-not-verified_test"]

import data.policies["envoy-gateway"]["backend-not-verified"] as rule

test_verdict[name] if {
	some name, case in {
		"skipped": {"tls": {"insecureSkipVerify": true}, "want": {"requests to this Backend go to whoever answers, and can be read on the way"}},
		"no CA": {"tls": {"sni": "api.vendor.test", "insecureSkipVerify": false}, "want": {"requests to this Backend get 500"}},
		"the system's": {"tls": {"wellKnownCACertificates": "System"}, "want": set()},
		"its own": {"tls": {"caCertificateRefs": [{"name": "ca"}]}, "want": set()},
	}
	findings := rule.findings with input as {"object": {"spec": {"tls": case.tls}}}
	{f.effect | some f in findings} == case.want
}

test_policy if {
	findings := rule.findings with input as {"object": {"spec": {"tls": {}}}, "peers": {"backend-policy": [{"label": "BackendTLSPolicy shop/api"}]}}
	count(findings) == 0
}
