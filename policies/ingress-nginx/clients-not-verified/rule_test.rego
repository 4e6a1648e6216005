package policies["ingress-nginx"]["clients-not-verified_test"]

import data.policies["ingress-nginx"]["clients-not-verified"] as rule

judge(settings, changed) := {[object.get(f, "severity", "error"), f.path[2], f.effect] | some f in findings} if {
	annotations := {annotation: value |
		some setting, value in settings
		annotation := sprintf("nginx.ingress.kubernetes.io/auth-tls-%s", [setting])
	}
	document := {
		"object": {"metadata": {"annotations": annotations}, "spec": {"rules": [{"host": "api.shop.test"}]}},
		"refs": {"client-ca": [object.union({"presence": "unknown"}, changed)]},
	}
	findings := rule.findings with input as document
}

test_verdicts[name] if {
	some name, case in {
		"off": {
			"settings": {"verify-client": "off"},
			"want": ["info", "clients of api.shop.test are not asked for a certificate"],
		},
		"off, with a name": {
			"settings": {"verify-client": "off", "match-cn": "CN=a"},
			"want": ["error", "every request to api.shop.test gets 403"],
		},
		"any issuer": {
			"settings": {"verify-client": "optional_no_ca"},
			"want": ["warning", "requests to api.shop.test reach the backend with a certificate that anybody made, or with none"],
		},
		"any issuer, the backend sees": {
			"settings": {"verify-client": "optional_no_ca", "pass-certificate-to-upstream": "T"},
			"want": ["info", "requests to api.shop.test reach the backend with a certificate that anybody made, or with none"],
		},
		"any issuer, with a name": {
			"settings": {"verify-client": "optional_no_ca", "match-cn": "CN=a", "pass-certificate-to-upstream": "true"},
			"want": ["error", "whoever makes a certificate with the right name gets into api.shop.test"],
		},
		"optional": {
			"settings": {"verify-client": " optional "},
			"want": ["info", "requests to api.shop.test without a certificate reach the backend, which must look at ssl-client-verify"],
		},
		"a name that is refused": {
			"settings": {"verify-client": "optional", "match-cn": "a"},
			"want": ["info", "requests to api.shop.test without a certificate reach the backend, which must look at ssl-client-verify"],
		},
	}
	judge(case.settings, {}) == {[case.want[0], "nginx.ingress.kubernetes.io/auth-tls-verify-client", case.want[1]]}
}

test_silent[name] if {
	some name, case in {
		"on": {"settings": {"verify-client": "on"}, "ref": {}},
		"the default": {"settings": {}, "ref": {}},
		"what becomes on": {"settings": {"verify-client": "Off"}, "ref": {}},
		"optional, but a name is asked for": {"settings": {"verify-client": "optional", "match-cn": "CN=a"}, "ref": {}},
		"closed": {"settings": {"verify-client": "optional"}, "ref": {"presence": "absent"}},
	}
	judge(case.settings, case.ref) == set()
}

test_no_ca if {
	document := {"object": {"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-verify-client": "off"}}}, "refs": {}}
	findings := rule.findings with input as document
	count(findings) == 0
}
