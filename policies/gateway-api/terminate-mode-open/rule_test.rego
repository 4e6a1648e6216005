package policies["gateway-api"]["terminate-mode-open_test"]

import data.policies["gateway-api"]["terminate-mode-open"] as rule

gateway(mode, frontend) := {"spec": {
	"listeners": [{"name": "web", "port": 443, "protocol": "HTTPS", "tls": {"options": {"gateway.istio.io/tls-terminate-mode": mode}}}],
	"tls": {"frontend": frontend},
}}

asked := {"default": {"validation": {}}}

test_verdict[name] if {
	some name, case in {
		"no mode": {
			"object": gateway("mutual", {}),
			"want": {["error", "clients of listener web are not asked for a certificate", "Istio knows no mode \"mutual\", and takes it for SIMPLE", "write MUTUAL"]},
		},
		"no mode, and a client CA": {"object": gateway("mutual", asked), "want": set()},
		"simple, and a client CA": {
			"object": gateway("ISTIO_SIMPLE", asked),
			"want": {["error", "clients of listener web are not asked for a certificate", "ISTIO_SIMPLE has Istio pass over the client CA of spec.tls.frontend", "remove the option, or the client CA"]},
		},
		"simple, and a client CA of another port": {
			"object": gateway("ISTIO_SIMPLE", {"default": {}, "perPort": [{"port": 8443, "tls": {"validation": {}}}]}),
			"want": set(),
		},
		"simple, and one of its port": {
			"object": gateway("ISTIO_SIMPLE", {"default": {}, "perPort": [{"port": 443, "tls": {"validation": {}}}]}),
			"want": {["error", "clients of listener web are not asked for a certificate", "ISTIO_SIMPLE has Istio pass over the client CA of spec.tls.frontend", "remove the option, or the client CA"]},
		},
		"simple, switched off for its port": {"object": gateway("ISTIO_SIMPLE", object.union(asked, {"perPort": [{"port": 443, "tls": {}}]})), "want": set()},
		"simple, and nothing else": {"object": gateway("ISTIO_SIMPLE", {}), "want": set()},
		"optional": {
			"object": gateway("OPTIONAL_MUTUAL", {}),
			"want": {["warning", "clients of listener web reach backends without a certificate", "OPTIONAL_MUTUAL lets in who shows no certificate", "write MUTUAL"]},
		},
		"mutual": {"object": gateway("MUTUAL", {}), "want": set()},
		"passed through": {"object": object.union(gateway("x", {}), {"spec": {"listeners": [{"name": "web", "tls": {"mode": "Passthrough"}}]}}), "want": set()},
	}
	findings := rule.findings with input as {"object": case.object}
	{[object.get(f, "severity", "error"), f.effect, f.message, f.remedy] | some f in findings} == case.want
}

test_client_ca_of_the_parent if {
	findings := rule.findings with input as {
		"object": gateway("ISTIO_SIMPLE", {}),
		"peers": {"parent": [{"object": {"spec": {"tls": {"frontend": asked}}}}]},
	}
	count(findings) == 1
}
