package policies["gateway-api"]["passthrough-with-certificate_test"]

import data.policies["gateway-api"]["passthrough-with-certificate"] as rule

gateway(mode, refs) := {"spec": {"listeners": [{"name": "db", "protocol": "TLS", "tls": {"mode": mode, "certificateRefs": refs}}]}}

refs := [{"name": "c"}]

test_verdict[name] if {
	some name, case in {
		"Envoy Gateway": {
			"object": gateway("Passthrough", refs),
			"controllers": {"envoy-gateway": {"certainty": "known"}},
			"want": {["error", "clients of listener db get no connection from Envoy Gateway"]},
		},
		"anybody else": {
			"object": gateway("Passthrough", refs),
			"controllers": {},
			"want": {["warning", "clients of listener db are shown the certificate of the backend"]},
		},
		"none named": {"object": gateway("Passthrough", []), "controllers": {}, "want": set()},
		"not passed through": {"object": gateway("Terminate", refs), "controllers": {}, "want": set()},
	}
	findings := rule.findings with input as {"object": case.object, "controllers": case.controllers}
	{[object.get(f, "severity", "error"), f.effect] | some f in findings} == case.want
}
