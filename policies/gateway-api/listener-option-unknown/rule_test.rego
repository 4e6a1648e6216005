package policies["gateway-api"]["listener-option-unknown_test"]

import data.policies["gateway-api"]["listener-option-unknown"] as rule

test_verdict[name] if {
	some name, case in {
		"refused": {
			"controller": "nginx-gateway-fabric",
			"option": "nginx.org/ssl-protocol",
			"want": {["error", "clients of listener web get no connection", "NGINX Gateway Fabric knows no option nginx.org/ssl-protocol"]},
		},
		"ignored": {
			"controller": "istio",
			"option": "gateway.istio.io/min-version",
			"want": {["warning", "clients of listener web are served as if it were not there", "Istio knows no option gateway.istio.io/min-version"]},
		},
		"known": {"controller": "istio", "option": "gateway.istio.io/tls-cipher-suites", "want": set()},
		"for other clusters of a mesh": {"controller": "istio", "option": "gateway.istio.io/listener-protocol", "want": set()},
		"refused by kgateway": {
			"controller": "kgateway",
			"option": "kgateway.dev/minimum-tls-version",
			"want": {["error", "clients of listener web get no connection", "kgateway knows no option kgateway.dev/minimum-tls-version"]},
		},
		"left alone by kgateway": {"controller": "kgateway", "option": "gateway.istio.io/tls-cipher-suites", "want": set()},
		"of another controller": {"controller": "cilium", "option": "cilium.io/min-tls-version", "want": set()},
	}
	findings := rule.findings with input as {
		"object": {"spec": {"listeners": [{"name": "web", "tls": {"options": {case.option: "x"}}}]}},
		"controllers": {case.controller: {"certainty": "known"}},
	}
	{[object.get(f, "severity", "error"), f.effect, f.message] | some f in findings} == case.want
}

test_remedy if {
	findings := rule.findings with input as {
		"object": {"spec": {"listeners": [{"name": "web", "tls": {"options": {"example.com/x": "x"}}}]}},
		"controllers": {"istio": {"certainty": "known"}, "envoy-gateway": {"certainty": "known"}},
	}
	{f.remedy | some f in findings} == {"remove it", "use one of gateway.istio.io/listener-protocol, gateway.istio.io/tls-cipher-suites, gateway.istio.io/tls-terminate-mode"}
}
