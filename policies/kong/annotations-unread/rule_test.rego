package policies.kong["annotations-unread_test"]

import data.policies.kong["annotations-unread"] as rule

path := ["spec", "rules", 0, "backendRefs", 0]

route(controllers, annotations, more) := object.union(
	{
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"route-backend": [{"path": path, "label": "Service shop/api", "object": {"metadata": {"annotations": annotations}}}]},
	},
	more,
)

verified := {"konghq.com/protocol": "https", "konghq.com/tls-verify": "true"}

test_verified if {
	findings := rule.findings with input as route(["envoy-gateway", "kong", "example.com/own"], verified, {})
	findings == {{
		"path": path,
		"message": "Envoy Gateway reads no annotation of Kong, such as konghq.com/tls-verify \"true\" of Service shop/api",
		"effect": "requests of this route to Service shop/api are sent without a check of its certificate",
		"remedy": "write a BackendTLSPolicy for Service shop/api, which other controllers than Kong read too",
		"severity": "warning",
	}}
}

test_encrypted if {
	findings := rule.findings with input as route(["istio"], {"konghq.com/protocol": "https", "konghq.com/tls-verify": "no"}, {})
	{[f.effect, f.severity] | some f in findings} == {["requests of this route to Service shop/api are sent unencrypted", "info"]}
}

test_silent[name] if {
	some name, document in {
		"Kong alone": route(["kong"], verified, {}),
		"a policy": route(["istio"], verified, {"peers": {"backend-policy": [{"path": path}]}}),
		"a policy of kgateway": route(["kgateway"], verified, {"peers": {"backend-config": [{"path": path, "object": {"spec": {"tls": {"sni": "api.shop.test"}}}}]}}),
		"nothing of TLS": route(["istio"], {"konghq.com/protocol": "http", "konghq.com/plugins": "limit"}, {}),
	}
	findings := rule.findings with input as document
	count(findings) == 0
}

test_not_of_kgateway if {
	findings := rule.findings with input as route(["istio"], verified, {"peers": {"backend-config": [{"path": path, "object": {"spec": {"tls": {}}}}]}})
	count(findings) == 1
}
