package policies["gateway-api"]["terminate-mode-drops-certificate_test"]

import data.policies["gateway-api"]["terminate-mode-drops-certificate"] as rule

test_mode[name] if {
	some name, case in {
		"simple": {"mode": "ISTIO_SIMPLE", "refs": [{"name": "web"}], "want": 1},
		"mutual": {"mode": "ISTIO_MUTUAL", "refs": [{"name": "web"}], "want": 1},
		"no certificate": {"mode": "ISTIO_MUTUAL", "refs": [], "want": 0},
		"another": {"mode": "MUTUAL", "refs": [{"name": "web"}], "want": 0},
	}
	findings := rule.findings with input as {"object": {"spec": {"listeners": [{
		"name": "web",
		"protocol": "HTTPS",
		"tls": {"certificateRefs": case.refs, "options": {"gateway.istio.io/tls-terminate-mode": case.mode}},
	}]}}}
	count(findings) == case.want
}
