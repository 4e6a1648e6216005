package policies["ingress-nginx"]["annotations-for-another-controller_test"]

import data.policies["ingress-nginx"]["annotations-for-another-controller"] as rule

prefix := "nginx.ingress.kubernetes.io/"

judge(annotations, controllers) := {sprintf("%s, because %s", [f.effect, f.message]) | some f in findings} if {
	document := {
		"object": {
			"metadata": {"annotations": {sprintf("%s%s", [prefix, name]): value | some name, value in annotations}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"controllers": {name: {"certainty": "known", "reason": "class"} | some name in controllers},
	}
	findings := rule.findings with input as document
}

test_found[name] if {
	some name, case in {
		"clients": {
			"annotations": {"auth-tls-secret": "shop/ca"},
			"controllers": {"f5-nginx"},
			"want": "clients of api.shop.test are not asked for a certificate, because F5's NGINX Ingress Controller acts on this Ingress, and reads no annotation of ingress-nginx",
		},
		"backends": {
			"annotations": {"proxy-ssl-secret": "shop/ca", "proxy-ssl-verify": "on"},
			"controllers": {"traefik"},
			"want": "the certificates of the backends of api.shop.test are not verified, because Traefik acts on this Ingress, and reads no annotation of ingress-nginx",
		},
		"passthrough": {
			"annotations": {"ssl-passthrough": "true"},
			"controllers": {"cilium"},
			"want": "Cilium ends TLS for api.shop.test itself, because Cilium acts on this Ingress, and reads no annotation of ingress-nginx",
		},
	}
	judge(case.annotations, case.controllers) == {case.want}
}

test_silent[name] if {
	some name, case in {
		"ingress-nginx acts too": {"annotations": {"auth-tls-secret": "shop/ca"}, "controllers": {"f5-nginx", "ingress-nginx"}},
		"Traefik reads them": {"annotations": {"auth-tls-secret": "shop/ca"}, "controllers": {"traefik-nginx", "traefik"}},
		"an empty secret": {"annotations": {"auth-tls-secret": ""}, "controllers": {"traefik"}},
		"clients need none": {"annotations": {"auth-tls-secret": "shop/ca", "auth-tls-verify-client": "off"}, "controllers": {"traefik"}},
		"backends are not to be verified": {"annotations": {"proxy-ssl-secret": "shop/ca"}, "controllers": {"traefik"}},
		"no passthrough": {"annotations": {"ssl-passthrough": "false"}, "controllers": {"traefik"}},
		"other annotations": {"annotations": {"backend-protocol": "HTTPS", "ssl-redirect": "true"}, "controllers": {"traefik"}},
	}
	judge(case.annotations, case.controllers) == set()
}
