package policies["gateway-api"]["client-validation-unsupported_test"]

import data.policies["gateway-api"]["client-validation-unsupported"] as rule

gateway(frontend) := {"spec": {
	"tls": {"frontend": frontend},
	"listeners": [{"name": "web", "port": 443, "protocol": "HTTPS"}, {"name": "plain", "port": 80, "protocol": "HTTP"}],
}}

asked := {"default": {"validation": {}}}

test_verdict[name] if {
	some name, case in {
		"known": {
			"frontend": asked,
			"controllers": {"traefik": {"certainty": "known"}},
			"want": {["error", "Traefik does not read spec.tls.frontend", "ask for certificates by a TLSOption of Traefik"]},
		},
		"assumed, for a port": {
			"frontend": {"default": {}, "perPort": [{"port": 443, "tls": {"validation": {}}}]},
			"controllers": {"kong": {"certainty": "assumed"}},
			"want": {["warning", "Kong does not read spec.tls.frontend", "ask for certificates by Kong's plugin mtls-auth"]},
		},
		"another one": {"frontend": asked, "controllers": {"istio": {"certainty": "known"}}, "want": set()},
		"nobody is asked": {"frontend": {"default": {}}, "controllers": {"traefik": {"certainty": "known"}}, "want": set()},
	}
	findings := rule.findings with input as {"object": gateway(case.frontend), "controllers": case.controllers}
	{[f.severity, f.message, f.remedy] | some f in findings} == case.want
}

gloo(keys) := count(findings) if {
	findings := rule.findings with input as {
		"object": gateway(asked),
		"controllers": {"gloo-gateway": {"certainty": "known"}},
		"refs": {"listener-certificate": [{"keys": keys}]},
	}
}

test_gloo_gateway if {
	gloo(["tls.crt", "tls.key"]) == 1
	gloo(["ca.crt", "tls.crt", "tls.key"]) == 0
}
