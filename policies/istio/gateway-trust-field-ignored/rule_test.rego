package policies.istio["gateway-trust-field-ignored_test"]

import data.policies.istio["gateway-trust-field-ignored"] as rule

judge(tls, refs) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"servers": [{"hosts": ["web.shop.test"], "tls": tls}]}},
		"refs": {"gateway-client-ca": refs},
	}
}

test_list_says if {
	judge({"mode": "MUTUAL", "credentialName": "web", "caCrl": "/crl.pem"}, []) == {{
		"path": ["spec", "servers", 0, "tls", "caCrl"],
		"message": "beside credentialName caCrl is not read",
		"effect": "clients of web.shop.test are let in with certificates that were revoked",
		"remedy": "put the list under ca.crl of the Secret that holds the CA under ca.crt",
		"severity": "error",
	}}
}

test_list_in_the_secret[name] if {
	some name, case in {
		"beside ca.crt": {"ref": {"path": ["spec", "servers", 0, "tls", "credentialName"], "key": "ca.crt", "keys": ["ca.crl", "ca.crt"]}, "want": "warning"},
		"beside cacert": {"ref": {"path": ["spec", "servers", 0, "tls", "credentialName"], "key": "cacert", "keys": ["cacert", "crl"]}, "want": "warning"},
		"of the other shape": {"ref": {"path": ["spec", "servers", 0, "tls", "credentialName"], "key": "cacert", "keys": ["ca.crl", "cacert"]}, "want": "error"},
		"of another server": {"ref": {"path": ["spec", "servers", 1, "tls", "credentialName"], "key": "ca.crt", "keys": ["ca.crl", "ca.crt"]}, "want": "error"},
	}
	{f.severity | some f in judge({"mode": "MUTUAL", "credentialName": "web", "caCrl": "/crl.pem"}, [case.ref])} == {case.want}
}

test_fields[name] if {
	some name, case in {
		"a CA": {"tls": {"mode": "OPTIONAL_MUTUAL", "credentialNames": ["web"], "caCertificates": "/ca.pem"}, "want": {"beside credentialName caCertificates is not read"}},
		"files": {"tls": {"mode": "MUTUAL", "serverCertificate": "/c", "privateKey": "/k", "caCertificates": "/ca.pem", "caCrl": "/crl.pem"}, "want": set()},
		"blanks": {"tls": {"mode": "MUTUAL", "credentialName": "web", "caCertificates": "", "caCrl": ""}, "want": set()},
		"nobody is asked": {"tls": {"mode": "SIMPLE", "credentialName": "web", "caCertCredentialName": "ca-cacert", "caCertificates": ""}, "want": {"mode SIMPLE does not read caCertCredentialName"}},
		"nothing": {"tls": {"mode": "SIMPLE", "credentialName": "web"}, "want": set()},
	}
	{f.message | some f in judge(case.tls, [])} == case.want
}
