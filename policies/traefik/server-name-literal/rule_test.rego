package policies.traefik["server-name-literal_test"]

import data.policies.traefik["server-name-literal"] as rule

judge(annotations) := {[f.severity, f.effect] | some f in findings} if {
	document := {"object": {
		"metadata": {"annotations": {sprintf("nginx.ingress.kubernetes.io/%s", [name]): value | some name, value in annotations}},
		"spec": {"rules": [{"host": "api.shop.test"}]},
	}}
	findings := rule.findings with input as document
}

test_verified if {
	judge({"backend-protocol": "HTTPS", "proxy-ssl-server-name": "on", "proxy-ssl-verify": "on"}) == {["error", "every request to api.shop.test fails, as no certificate bears that name"]}
}

test_not_verified if {
	judge({"backend-protocol": "grpcs", "proxy-ssl-server-name": "off"}) == {["warning", "the backends of api.shop.test are asked for a certificate of that name"]}
}

test_silent[name] if {
	some name, annotations in {
		"a name beside it": {"backend-protocol": "HTTPS", "proxy-ssl-server-name": "on", "proxy-ssl-name": "api.shop.svc"},
		"a name in it": {"backend-protocol": "HTTPS", "proxy-ssl-server-name": "api.shop.svc"},
		"plain HTTP": {"backend-protocol": "HTTP", "proxy-ssl-server-name": "on"},
		"by default": {"proxy-ssl-server-name": "on"},
	}
	judge(annotations) == set()
}
