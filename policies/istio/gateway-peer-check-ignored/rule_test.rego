package policies.istio["gateway-peer-check-ignored_test"]

import data.policies.istio["gateway-peer-check-ignored"] as rule

judge(tls) := findings if {
	findings := rule.findings with input as {"object": {"spec": {"servers": [{"hosts": ["web.shop.test"], "tls": tls}]}}}
}

files := {"mode": "MUTUAL", "serverCertificate": "/c", "privateKey": "/k", "caCertificates": "/ca"}

test_says if {
	judge(object.union(files, {"verifyCertificateHash": ["ab"]})) == {{
		"path": ["spec", "servers", 0, "tls", "verifyCertificateHash"],
		"message": "with a certificate from files verifyCertificateHash is not read",
		"effect": "every client with a certificate of the CA is let in to web.shop.test",
		"remedy": "refer to the certificate by credentialName",
	}}
}

test_effect[name] if {
	some name, case in {
		"names of a Secret's clients": {"tls": {"mode": "SIMPLE", "credentialName": "web", "subjectAltNames": ["a"]}, "want": {"the gateway gets no listener for web.shop.test that Envoy takes"}},
		"names with files": {"tls": {"mode": "SIMPLE", "serverCertificate": "/c", "privateKey": "/k", "subjectAltNames": ["a"]}, "want": {"anybody is let in to web.shop.test"}},
		"keys": {"tls": {"mode": "SIMPLE", "credentialName": "web", "verifyCertificateSpki": ["a"]}, "want": {"anybody is let in to web.shop.test"}},
		"a wildcard": {"tls": {"mode": "MUTUAL", "credentialName": "web", "subjectAltNames": ["*.shop.test"]}, "want": {"clients of web.shop.test whose names it was meant for are refused"}},
		"a name": {"tls": {"mode": "MUTUAL", "credentialName": "web", "subjectAltNames": ["spiffe://shop.test/web"]}, "want": set()},
		"hashes": {"tls": {"mode": "OPTIONAL_MUTUAL", "credentialNames": ["web"], "verifyCertificateHash": ["a"]}, "want": set()},
		"none": {"tls": object.union(files, {"verifyCertificateHash": []}), "want": set()},
		"the mesh": {"tls": {"mode": "ISTIO_MUTUAL", "verifyCertificateHash": ["a"]}, "want": set()},
	}
	{f.effect | some f in judge(case.tls)} == case.want
}
