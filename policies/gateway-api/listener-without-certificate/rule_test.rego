package policies["gateway-api"]["listener-without-certificate_test"]

import data.policies["gateway-api"]["listener-without-certificate"] as rule

https(tls) := {"name": "web", "port": 443, "protocol": "HTTPS", "hostname": "www.shop.test", "tls": tls}

mesh := {"gateway.istio.io/tls-terminate-mode": "ISTIO_MUTUAL"}

test_verdict[name] if {
	some name, case in {
		"options only": {"listener": https({"options": {"a": "b"}}), "controllers": {"envoy-gateway": {}}, "want": {"clients of www.shop.test get no connection"}},
		"an empty list": {"listener": https({"options": {"a": "b"}, "certificateRefs": []}), "controllers": {"istio": {}}, "want": {"clients of www.shop.test get no connection"}},
		"a certificate": {"listener": https({"options": {"a": "b"}, "certificateRefs": [{"name": "c"}]}), "controllers": {"istio": {}}, "want": set()},
		"that of the mesh": {"listener": https({"options": mesh}), "controllers": {"istio": {}}, "want": set()},
		"that of the mesh, elsewhere": {"listener": https({"options": mesh}), "controllers": {"traefik": {}}, "want": {"clients of www.shop.test get no connection"}},
		"passed through": {"listener": https({"options": {"a": "b"}, "mode": "Passthrough"}), "controllers": {"traefik": {}}, "want": set()},
	}
	findings := rule.findings with input as {"object": {"spec": {"listeners": [case.listener]}}, "controllers": case.controllers}
	{f.effect | some f in findings} == case.want
}
