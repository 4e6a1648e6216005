package policies["ingress-nginx"]["annotation-prefix-wrong_test"]

import data.policies["ingress-nginx"]["annotation-prefix-wrong"] as rule

judge(annotations, controllers) := {[f.path[2], f.severity, f.effect, count(object.get(f, "fix", {}))] | some f in findings} if {
	document := {
		"object": {"metadata": {"annotations": annotations}, "spec": {"rules": [{"host": "api.shop.test"}]}},
		"controllers": {name: {"certainty": "known", "reason": "class"} | some name in controllers},
	}
	findings := rule.findings with input as document
}

test_prefix[name] if {
	some name, case in {
		"ingress.kubernetes.io/auth-tls-secret": ["error", "clients of api.shop.test are not asked for a certificate", 3],
		"nginx.org/auth-tls-secret": ["error", "clients of api.shop.test are not asked for a certificate", 3],
		"ingress.kubernetes.io/ssl-passthrough": ["warning", "nginx ends TLS for api.shop.test, with the certificate it has", 3],
		"ingress.kubernetes.io/secure-verify-ca-secret": ["warning", "the certificates of the backends of api.shop.test are not verified", 0],
	}
	judge({name: "x"}, {"ingress-nginx"}) == {array.concat([name], case)}
}

test_foreign if {
	judge({"nginx.org/ssl-services": "api"}, {"ingress-nginx"}) == {[
		"nginx.org/ssl-services", "warning", "requests to api.shop.test go on to the backend in plain HTTP", 0,
	]}
}

test_silent[name] if {
	some name, case in {
		"under both prefixes": {
			"annotations": {"ingress.kubernetes.io/ssl-passthrough": "true", "nginx.ingress.kubernetes.io/ssl-passthrough": "true"},
			"controllers": {"ingress-nginx"},
		},
		"off": {"annotations": {"ingress.kubernetes.io/ssl-passthrough": "false"}, "controllers": {"ingress-nginx"}},
		"empty": {"annotations": {"ingress.kubernetes.io/auth-tls-secret": ""}, "controllers": {"ingress-nginx"}},
		"about something else": {"annotations": {"ingress.kubernetes.io/rewrite-target": "/"}, "controllers": {"ingress-nginx"}},
		"without a prefix": {"annotations": {"auth-tls-secret": "x"}, "controllers": {"ingress-nginx"}},
		"HAProxy's": {"annotations": {"haproxy-ingress.github.io/auth-tls-secret": "x"}, "controllers": {"ingress-nginx"}},
		"F5's, which acts too": {"annotations": {"nginx.org/ssl-services": "api"}, "controllers": {"ingress-nginx", "f5-nginx"}},
		"F5's, beside ours": {
			"annotations": {"nginx.org/ssl-services": "api", "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS"},
			"controllers": {"ingress-nginx"},
		},
		"F5's, off": {"annotations": {"nginx.org/redirect-to-https": "False"}, "controllers": {"ingress-nginx"}},
	}
	judge(case.annotations, case.controllers) == set()
}
