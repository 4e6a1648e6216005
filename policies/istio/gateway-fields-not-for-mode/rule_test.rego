package policies.istio["gateway-fields-not-for-mode_test"]

import data.policies.istio["gateway-fields-not-for-mode"] as rule

judge(tls) := findings if {
	findings := rule.findings with input as {"object": {"spec": {"servers": [{"hosts": ["web.shop.test"], "tls": tls}]}}}
}

test_refused if {
	judge({"mode": "ISTIO_MUTUAL", "credentialName": "web", "caCertificates": "/ca"}) == {{
		"path": ["spec", "servers", 0, "tls", "credentialName"],
		"message": "mode ISTIO_MUTUAL goes with the certificate of the mesh, and not with credentialName and caCertificates",
		"effect": "Istio refuses the Gateway",
		"remedy": "remove these fields, or set mode to MUTUAL",
	}}
}

test_unread if {
	judge({"mode": "AUTO_PASSTHROUGH", "credentialName": "web"}) == {{
		"path": ["spec", "servers", 0, "tls", "credentialName"],
		"message": "mode AUTO_PASSTHROUGH does not read credentialName",
		"effect": "web.shop.test does not get what these settings ask for",
		"remedy": "remove them, or choose the mode that they were written for",
		"severity": "warning",
	}}
}

test_paths[name] if {
	some name, case in {
		"parameters of the mesh": {"tls": {"mode": "ISTIO_MUTUAL", "minProtocolVersion": "TLSV1_3", "cipherSuites": ["a"]}, "want": {"minProtocolVersion"}},
		"what the mesh reads": {"tls": {"mode": "ISTIO_MUTUAL", "subjectAltNames": ["a"], "caCrl": "/crl"}, "want": set()},
		"blanks": {"tls": {"mode": "PASSTHROUGH", "credentialName": "", "cipherSuites": [], "minProtocolVersion": "TLS_AUTO"}, "want": set()},
		"passed through": {"tls": {"mode": "PASSTHROUGH", "subjectAltNames": ["a"]}, "want": {"subjectAltNames"}},
		"ended": {"tls": {"mode": "SIMPLE", "credentialName": "web"}, "want": set()},
	}
	{f.path[4] | some f in judge(case.tls)} == case.want
}
