package policies["gateway-api"]["secret-type-unsupported_test"]

import data.policies["gateway-api"]["secret-type-unsupported"] as rule

judge(ref, mode, controllers) := {[f.effect, f.message] | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": {"listeners": [{"name": "web", "protocol": "TLS", "tls": {"mode": mode}}]}},
		"refs": {"listener-certificate": [object.union({"path": ["spec", "listeners", 0, "tls", "certificateRefs", 0], "label": "Secret shop/web-tls"}, ref)]},
		"controllers": {name: {"certainty": "known"} | some name in controllers},
	}
}

test_verdict[name] if {
	some name, case in {
		"Envoy Gateway": {
			"type": "Opaque",
			"controllers": ["envoy-gateway"],
			"want": {["clients of listener web get no connection from Envoy Gateway", "Secret shop/web-tls is of type Opaque, not kubernetes.io/tls"]},
		},
		"both": {
			"type": "gateway.envoyproxy.io/sds",
			"controllers": ["envoy-gateway", "nginx-gateway-fabric"],
			"want": {["clients of listener web get no connection from NGINX Gateway Fabric", "Secret shop/web-tls is of type gateway.envoyproxy.io/sds, not kubernetes.io/tls"]},
		},
		"a service of Envoy's": {"type": "gateway.envoyproxy.io/sds", "controllers": ["envoy-gateway"], "want": set()},
		"right": {"type": "kubernetes.io/tls", "controllers": ["envoy-gateway"], "want": set()},
	}
	judge({"type": case.type}, "Terminate", case.controllers) == case.want
}

test_silent if {
	judge({}, "Terminate", ["envoy-gateway"]) == set()
	judge({"type": "Opaque"}, "Passthrough", ["envoy-gateway"]) == set()
}
