package policies.kong["hostname-not-verified_test"]

import data.policies.kong["hostname-not-verified"] as rule

backend := ["spec", "rules", 0, "backendRefs", 0]

policy := {"path": backend, "label": "BackendTLSPolicy shop/api", "object": {"spec": {"validation": {"hostname": "api.internal"}}}}

ref := {"path": backend, "label": "Service shop/api", "object": {"metadata": {"annotations": {}}}}

route(hosts, more) := object.union(
	{
		"id": {"kind": "HTTPRoute"},
		"controllers": {"kong": {"certainty": "known"}},
		"object": {"spec": {"hostnames": hosts}},
		"refs": {"route-backend": [ref]},
		"peers": {"backend-policy": [policy]},
	},
	more,
)

test_policy if {
	findings := rule.findings with input as route(["api.shop.test"], {})
	findings == {{
		"path": backend,
		"message": "BackendTLSPolicy shop/api for Service shop/api says api.internal, and the route keeps the host of the client",
		"effect": "requests to Service shop/api get 502 unless its certificate is for api.shop.test",
		"remedy": "annotate the route with konghq.com/preserve-host: \"false\"",
	}}
}

test_any_host if {
	findings := rule.findings with input as route([], {})
	{f.effect | some f in findings} == {"requests to Service shop/api get 502 unless its certificate is for the host that the client asks for"}
}

annotated(header, verify) := object.union(ref, {"object": {"metadata": {"annotations": {"konghq.com/host-header": header, "konghq.com/tls-verify": verify}}}})

test_header if {
	findings := rule.findings with input as {
		"id": {"kind": "Ingress"},
		"controllers": {"kong": {"certainty": "known"}},
		"object": {"spec": {"rules": [{"host": "api.shop.test"}, {}]}},
		"refs": {"kong-backend": [annotated("api.internal", "true")]},
	}
	{f.message | some f in findings} == {"konghq.com/host-header of Service shop/api says api.internal, and the route keeps the host of the client"}
}

test_the_policy_comes_first if {
	findings := rule.findings with input as route(["api.shop.test"], {"refs": {"route-backend": [annotated("other.internal", "true")]}})
	count(findings) == 1
}

test_silent[name] if {
	some name, document in {
		"the same host": route(["api.internal"], {}),
		"replaced": route(["api.shop.test"], {"object": {"metadata": {"annotations": {"konghq.com/preserve-host": "False"}}}}),
		"not verified": route(["api.shop.test"], {"peers": {"backend-policy": []}, "refs": {"route-backend": [annotated("api.internal", "false")]}}),
		"no header": route(["api.shop.test"], {"peers": {"backend-policy": []}, "refs": {"route-backend": [annotated("", "true")]}}),
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
