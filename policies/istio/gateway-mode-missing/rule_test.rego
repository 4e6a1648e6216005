package policies.istio["gateway-mode-missing_test"]

import data.policies.istio["gateway-mode-missing"] as rule

judge(protocol, tls, parameters) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"servers": [{"port": {"protocol": protocol}, "hosts": ["shop/web.shop.test"], "tls": tls}]}},
		"params": {"istio/gateway-mode-missing": parameters},
	}
}

test_certificate if {
	judge("HTTPS", {"credentialName": "web"}, {}) == {{
		"path": ["spec", "servers", 0, "tls"],
		"message": "without a mode TLS is passed through, and credentialName is not read",
		"effect": "the gateway does not end TLS for web.shop.test",
		"remedy": "set mode to SIMPLE, or to MUTUAL if clients have certificates",
	}}
}

test_remedy[name] if {
	some name, case in {
		"a CA": {"tls": {"credentialName": "web", "caCertCredentialName": "ca-cacert"}, "want": "set mode to MUTUAL, as clients are to be verified"},
		"files": {"tls": {"serverCertificate": "/a", "privateKey": "/b"}, "want": "set mode to SIMPLE, or to MUTUAL if clients have certificates"},
		"nothing": {"tls": {}, "want": "set mode to PASSTHROUGH, or to SIMPLE with a credentialName"},
	}
	{f.remedy | some f in judge("tls", case.tls, {})} == {case.want}
}

test_silent[name] if {
	some name, case in {
		"a mode": {"protocol": "HTTPS", "tls": {"mode": "SIMPLE", "credentialName": "web"}},
		"a redirect": {"protocol": "HTTP", "tls": {"httpsRedirect": true}},
	}
	judge(case.protocol, case.tls, {}) == set()
}

test_fix[name] if {
	some name, case in {
		"asked for": {"tls": {"credentialName": "web"}, "inject": "always", "want": 1},
		"not asked for": {"tls": {"credentialName": "web"}, "inject": "never", "want": 0},
		"a CA": {"tls": {"credentialName": "web", "caCertificates": "/ca"}, "inject": "always", "want": 0},
		"nothing": {"tls": {}, "inject": "always", "want": 0},
	}
	count([f | some f in judge("HTTPS", case.tls, {"inject": case.inject}); f.fix]) == case.want
}
