package policies.istio["gateway-certificate-source-missing_test"]

import data.policies.istio["gateway-certificate-source-missing"] as rule

judge(tls) := findings if {
	findings := rule.findings with input as {"object": {"spec": {"servers": [{"hosts": ["web.shop.test"], "tls": tls}]}}}
}

test_none if {
	judge({"mode": "MUTUAL", "credentialName": "", "caCertCredentialName": "ca-cacert"}) == {{
		"path": ["spec", "servers", 0, "tls"],
		"message": "mode MUTUAL needs a certificate for web.shop.test, and there is none",
		"effect": "Istio refuses the Gateway",
		"remedy": "set credentialName to the Secret that holds it",
	}}
}

test_count[name] if {
	some name, case in {
		"half": {"tls": {"mode": "SIMPLE", "serverCertificate": "/c"}, "want": 1},
		"the other half": {"tls": {"mode": "SIMPLE", "privateKey": "/k"}, "want": 1},
		"files": {"tls": {"mode": "SIMPLE", "serverCertificate": "/c", "privateKey": "/k"}, "want": 0},
		"a Secret": {"tls": {"mode": "SIMPLE", "credentialName": "web"}, "want": 0},
		"the mesh": {"tls": {"mode": "ISTIO_MUTUAL"}, "want": 0},
		"no mode": {"tls": {}, "want": 0},
	}
	count(judge(case.tls)) == case.want
}
