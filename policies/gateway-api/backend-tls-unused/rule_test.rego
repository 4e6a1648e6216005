package policies["gateway-api"]["backend-tls-unused_test"]

import data.policies["gateway-api"]["backend-tls-unused"] as rule

path := ["spec", "rules", 0, "backendRefs", 0]

document(protocol, controllers) := {
	"object": {"spec": {"rules": [{"backendRefs": [{"name": "api", "port": 443}]}]}},
	"controllers": {name: {"certainty": "known"} | some name in controllers},
	"refs": {"route-backend": [{
		"path": path,
		"kind": "Service",
		"name": "api",
		"label": "Service shop/api",
		"object": {"spec": {"ports": [{"name": "https", "port": 443, "appProtocol": protocol}, {"name": "http", "port": 80}]}},
	}]},
}

judge(protocol, controllers, further) := findings if {
	findings := rule.findings with input as object.union(document(protocol, controllers), further)
}

test_finding if {
	judge("https", ["envoy-gateway"], {}) == {{
		"path": path,
		"message": "port 443 of Service shop/api is https, and no BackendTLSPolicy in sight covers it",
		"effect": "requests to Service shop/api are sent unencrypted",
		"remedy": "write a BackendTLSPolicy for Service shop/api in its namespace",
		"severity": "warning",
	}}
}

test_controllers[name] if {
	some name, want in {
		"envoy-gateway": {"warning"},
		"cilium": {"warning"},
		"nginx-gateway-fabric": {"warning"},
		"istio": {"info"},
		"kgateway": {"info"},
		"traefik": set(),
		"kong": set(),
		"example.com/own": set(),
	}
	{f.severity | some f in judge("https", [name], {})} == want
}

test_refused if {
	{f.effect | some f in judge("kubernetes.io/wss", ["nginx-gateway-fabric"], {})} == {"requests to Service shop/api get 500"}
}

test_protocols[protocol] if {
	some protocol, want in {"HTTPS": 1, "wss": 1, "grpcs": 1, "http": 0, "kubernetes.io/h2c": 0, "": 0}
	count(judge(protocol, ["cilium"], {})) == want
}

test_covered if {
	judge("https", ["cilium"], {"peers": {"backend-policy": [{
		"path": path,
		"object": {"spec": {"targetRefs": [{"kind": "Service", "name": "api", "sectionName": "https"}]}},
	}]}}) == set()
	judge("https", ["cilium"], {"truncated": ["backend-policy"]}) == set()
}

test_configured[name] if {
	some name, case in {
		"with TLS": {"controllers": ["kgateway"], "path": path, "spec": {"tls": {"sni": "api.shop.test"}}, "want": 0},
		"without TLS": {"controllers": ["kgateway"], "path": path, "spec": {"connectTimeout": "5s"}, "want": 1},
		"another backend": {"controllers": ["kgateway"], "path": ["spec", "rules", 1, "backendRefs", 0], "spec": {"tls": {}}, "want": 1},
		"not read": {"controllers": ["cilium"], "path": path, "spec": {"tls": {}}, "want": 1},
	}
	count(judge("https", case.controllers, {"peers": {"backend-config": [{"path": case.path, "object": {"spec": case.spec}}]}})) == case.want
}
