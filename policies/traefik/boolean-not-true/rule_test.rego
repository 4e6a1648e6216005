package policies.traefik["boolean-not-true_test"]

import data.policies.traefik["boolean-not-true"] as rule

judge(annotations) := {[f.message, f.effect] | some f in findings} if {
	document := {"object": {
		"metadata": {"annotations": {sprintf("nginx.ingress.kubernetes.io/%s", [name]): value | some name, value in annotations}},
		"spec": {"rules": [{"host": "api.shop.test"}]},
	}}
	findings := rule.findings with input as document
}

test_found if judge({"ssl-passthrough": "1"}) == {["Traefik takes \"1\" for false", "Traefik ends TLS for api.shop.test itself"]}

test_silent if judge({"ssl-passthrough": "True", "ssl-redirect": "0", "force-ssl-redirect": "TRUE"}) == set()
