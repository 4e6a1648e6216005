package policies.istio["gateway-certificate-sources-conflict_test"]

import data.policies.istio["gateway-certificate-sources-conflict"] as rule

judge(tls) := findings if {
	findings := rule.findings with input as {"object": {"spec": {"servers": [{"hosts": ["web.shop.test"], "tls": tls}]}}}
}

test_several if {
	judge({"mode": "SIMPLE", "credentialName": "web", "serverCertificate": "/c", "privateKey": "/k"}) == {{
		"path": ["spec", "servers", 0, "tls", "credentialName"],
		"message": "the certificate of web.shop.test is set by credentialName and serverCertificate",
		"effect": "Istio refuses the Gateway",
		"remedy": "keep one of them",
	}}
}

test_half[name] if {
	some name, case in {
		"a key": {"field": "privateKey", "tls": {"privateKey": "/k"}},
		"a certificate": {"field": "serverCertificate", "tls": {"serverCertificate": "/c", "privateKey": ""}},
	}
	judge(object.union({"mode": "SIMPLE", "credentialName": "web"}, case.tls)) == {{
		"path": ["spec", "servers", 0, "tls", case.field],
		"message": sprintf("beside credentialName, %s is not read", [case.field]),
		"effect": "clients of web.shop.test are shown the certificate of credentialName",
		"remedy": sprintf("remove %s", [case.field]),
		"severity": "warning",
	}}
}

test_silent[name] if {
	some name, tls in {
		"one": {"mode": "SIMPLE", "credentialName": "web", "credentialNames": [], "serverCertificate": ""},
		"a pair of files": {"mode": "SIMPLE", "serverCertificate": "/c", "privateKey": "/k"},
		"half a pair alone": {"mode": "SIMPLE", "serverCertificate": "/c"},
		"none is read": {"mode": "PASSTHROUGH", "credentialName": "web", "serverCertificate": "/c", "privateKey": "/k"},
	}
	judge(tls) == set()
}
