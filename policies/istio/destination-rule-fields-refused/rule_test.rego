package policies.istio["destination-rule-fields-refused_test"]

import data.policies.istio["destination-rule-fields-refused"] as rule

judge(namespace, tls) := {[object.get(f, "severity", "error"), f.path[3], f.message] | some f in findings} if {
	findings := rule.findings with input as {
		"id": {"namespace": namespace},
		"object": {"spec": {"host": "db", "trafficPolicy": {"tls": tls}}},
	}
}

test_verdict[name] if {
	some name, case in {
		"no certificate": {
			"tls": {"mode": "MUTUAL", "clientCertificate": ""},
			"want": {["error", "mode", "mode MUTUAL shows db a certificate, and there is no clientCertificate and no privateKey"]},
		},
		"half a pair": {
			"tls": {"mode": "MUTUAL", "clientCertificate": "/c"},
			"want": {["error", "mode", "mode MUTUAL shows db a certificate, and there is no privateKey"]},
		},
		"two places": {
			"tls": {"mode": "MUTUAL", "credentialName": "db", "caCrl": "/crl"},
			"want": {["error", "caCrl", "certificates for db come from credentialName, and caCrl would be another place"]},
		},
		"another namespace": {
			"tls": {"mode": "SIMPLE", "credentialName": "configmap://data/ca"},
			"want": {["error", "credentialName", "the ConfigMap is of namespace data, and the rule of shop"]},
		},
		"skipped": {
			"tls": {"mode": "SIMPLE", "insecureSkipVerify": true, "subjectAltNames": ["db"]},
			"want": {["error", "subjectAltNames", "insecureSkipVerify verifies nothing, and subjectAltNames would"]},
		},
		"skipped with a credential": {"tls": {"mode": "MUTUAL", "insecureSkipVerify": true, "credentialName": "db"}, "want": set()},
		"off": {
			"tls": {"mode": "DISABLE", "credentialName": "db"},
			"want": {["warning", "credentialName", "mode DISABLE does not read credentialName"]},
		},
		"the mesh's": {"tls": {"mode": "ISTIO_MUTUAL", "sni": "db", "subjectAltNames": ["db"]}, "want": set()},
		"a variable": {"tls": {"mode": "SIMPLE", "credentialName": "configmap://${NAMESPACE}/ca"}, "want": set()},
		"a Secret": {"tls": {"mode": "SIMPLE", "credentialName": "db"}, "want": set()},
		"no namespace": {"tls": {"mode": "SIMPLE", "credentialName": "configmap://ca"}, "want": set()},
	}
	judge("shop", case.tls) == case.want
}

test_namespace_unset if judge("", {"mode": "SIMPLE", "credentialName": "configmap://data/ca"}) == set()
