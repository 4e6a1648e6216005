package policies["gateway-api"]["client-validation-insecure_test"]

import data.policies["gateway-api"]["client-validation-insecure"] as rule

test_verdict[name] if {
	some name, case in {
		"the default": {
			"frontend": {"default": {"validation": {"mode": "AllowInsecureFallback"}}},
			"want": {"requests through the HTTPS listeners reach backends without a valid client certificate"},
		},
		"a port": {
			"frontend": {"default": {}, "perPort": [{"port": 443, "tls": {}}, {"port": 8443, "tls": {"validation": {"mode": "AllowInsecureFallback"}}}]},
			"want": {"requests through port 8443 reach backends without a valid client certificate"},
		},
		"valid ones only": {"frontend": {"default": {"validation": {"mode": "AllowValidOnly"}}}, "want": set()},
	}
	findings := rule.findings with input as {"object": {"spec": {"tls": {"frontend": case.frontend}}}}
	{f.effect | some f in findings} == case.want
}

test_istio[version] if {
	gateway := {"spec": {"tls": {"frontend": {"default": {"validation": {"mode": "AllowInsecureFallback"}}}}}}
	some version, want in {"1.30": "info", "1.31": "warning", "": "warning"}
	settings := {"istio": {"version": {"value": version}}}
	findings := rule.findings with input as {"object": gateway, "controllers": {"istio": {}}, "settings": settings}
	{f.severity | some f in findings} == {want}
	both := rule.findings with input as {"object": gateway, "controllers": {"istio": {}, "envoy-gateway": {}}, "settings": settings}
	{f.severity | some f in both} == {"warning"}
}
