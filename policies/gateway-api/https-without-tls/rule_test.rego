package policies["gateway-api"]["https-without-tls_test"]

import data.policies["gateway-api"]["https-without-tls"] as rule

test_verdict[name] if {
	some name, case in {
		"no tls": {"listener": {"name": "web", "protocol": "HTTPS"}, "want": {"clients of listener web get no connection"}},
		"with tls": {"listener": {"name": "web", "protocol": "HTTPS", "tls": {"certificateRefs": [{"name": "c"}]}}, "want": set()},
		"plain": {"listener": {"name": "web", "protocol": "HTTP"}, "want": set()},
	}
	findings := rule.findings with input as {"object": {"spec": {"listeners": [case.listener]}}}
	{f.effect | some f in findings} == case.want
}
