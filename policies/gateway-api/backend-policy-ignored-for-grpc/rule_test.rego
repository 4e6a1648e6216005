package policies["gateway-api"]["backend-policy-ignored-for-grpc_test"]

import data.policies["gateway-api"]["backend-policy-ignored-for-grpc"] as rule

path := ["spec", "targetRefs", 0]

judge(kind, controller) := findings if {
	findings := rule.findings with input as {
		"controllers": {controller: {"certainty": "known"}},
		"refs": {"policy-target": [{"path": path, "label": "Service shop/api"}, {"path": ["spec", "targetRefs", 1], "label": "Service shop/web"}]},
		"peers": {"route": [{
			"path": path,
			"their_path": ["spec", "rules", 0, "backendRefs", 0],
			"label": sprintf("%s shop/api", [kind]),
			"group": "gateway.networking.k8s.io",
			"kind": kind,
			"namespace": "shop",
			"name": "api",
		}]},
	}
}

test_grpc if {
	judge("GRPCRoute", "cilium") == {{
		"path": path,
		"message": "Cilium sets up no TLS for backends of GRPCRoute shop/api",
		"effect": "requests of GRPCRoute shop/api to Service shop/api are sent unencrypted",
		"remedy": "route to it by an HTTPRoute",
		"related": [{
			"group": "gateway.networking.k8s.io",
			"kind": "GRPCRoute",
			"namespace": "shop",
			"name": "api",
			"path": ["spec", "rules", 0, "backendRefs", 0],
			"message": "sends requests to it",
		}],
	}}
}

test_others if {
	judge("HTTPRoute", "cilium") == set()
	judge("GRPCRoute", "istio") == set()
}
