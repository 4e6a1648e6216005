package policies.istio["gateway-certificate-from-file_test"]

import data.policies.istio["gateway-certificate-from-file"] as rule

judge(tls) := findings if {
	findings := rule.findings with input as {"object": {"spec": {"servers": [{"hosts": ["web.shop.test"], "tls": tls}]}}}
}

test_says if {
	judge({"mode": "SIMPLE", "serverCertificate": "/c", "privateKey": "/k"}) == {{
		"path": ["spec", "servers", 0, "tls", "serverCertificate"],
		"message": "serverCertificate leads to a file in the gateway's pods",
		"effect": "nobody here sees when the certificate of web.shop.test runs out",
		"remedy": "refer to a Secret by credentialName, or watch the file",
	}}
}

test_count[name] if {
	some name, case in {
		"a list": {"tls": {"mode": "SIMPLE", "tlsCertificates": [{}]}, "want": 1},
		"a Secret": {"tls": {"mode": "SIMPLE", "credentialName": "web", "serverCertificate": ""}, "want": 0},
		"not read": {"tls": {"mode": "PASSTHROUGH", "serverCertificate": "/c"}, "want": 0},
	}
	count(judge(case.tls)) == case.want
}
