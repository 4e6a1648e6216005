package policies.istio["gateway-field-too-new_test"]

import data.policies.istio["gateway-field-too-new"] as rule

judge(version, tls) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"servers": [{"hosts": ["web.shop.test"], "tls": object.union({"mode": "MUTUAL"}, tls)}]}},
		"settings": {"istio": {"version": {"value": version, "certainty": "known", "reason": "the config says so"}}},
	}
}

test_says if {
	judge("1.26.3", {"credentialNames": ["a", "b"]}) == {{
		"path": ["spec", "servers", 0, "tls", "credentialNames"],
		"message": "credentialNames is read since Istio 1.27, and this is 1.26.3",
		"effect": "web.shop.test is shown no certificate, and TLS handshakes fail",
		"remedy": "name one Secret in credentialName",
		"severity": "error",
	}}
}

test_count[name] if {
	some name, case in {
		"the release": {"version": "1.27", "tls": {"credentialNames": ["a"]}, "want": 0},
		"a later one": {"version": "v1.30.1", "tls": {"caCertCredentialName": "ca-cacert"}, "want": 0},
		"the one before": {"version": "1.27", "tls": {"caCertCredentialName": "ca-cacert"}, "want": 1},
		"several": {"version": "1.9", "tls": {"insecureSkipVerify": true, "ecdhCurves": ["P-256"]}, "want": 2},
		"blanks": {"version": "1.9", "tls": {"insecureSkipVerify": false, "caCertCredentialName": ""}, "want": 0},
		"not known": {"version": "", "tls": {"credentialNames": ["a"]}, "want": 0},
		"no release": {"version": "latest", "tls": {"credentialNames": ["a"]}, "want": 0},
		"passed through": {"version": "1.9", "tls": {"mode": "PASSTHROUGH", "credentialNames": ["a"]}, "want": 0},
	}
	count(judge(case.version, case.tls)) == case.want
}
