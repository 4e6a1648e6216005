package policies["gateway-api"]["backend-tls-port-unused_test"]

import data.policies["gateway-api"]["backend-tls-port-unused"] as rule

path := ["spec", "rules", 0, "backendRefs", 0]

judge(port, further) := findings if {
	findings := rule.findings with input as object.union(
		{
			"object": {"spec": {"rules": [{"backendRefs": [{"name": "api", "port": port.port}]}]}},
			"refs": {"route-backend": [{
				"path": path,
				"kind": "Service",
				"name": "api",
				"label": "Service shop/api",
				"object": {"spec": {"ports": [port]}},
			}]},
		},
		further,
	)
}

test_finding if {
	judge({"port": 443}, {}) == {{
		"path": path,
		"message": "port 443 of Service shop/api looks like TLS, and no BackendTLSPolicy in sight covers it",
		"effect": "requests to Service shop/api are sent unencrypted",
		"remedy": "write a BackendTLSPolicy for Service shop/api in its namespace, or set appProtocol of the port to http",
	}}
}

test_ports[name] if {
	some name, case in {
		"8443": {"port": {"port": 8443}, "want": 1},
		"a name": {"port": {"name": "https-web", "port": 9000}, "want": 1},
		"another": {"port": {"name": "web", "port": 8080}, "want": 0},
		"it says what it is": {"port": {"port": 443, "appProtocol": "http"}, "want": 0},
	}
	count(judge(case.port, {})) == case.want
}

test_covered if {
	judge({"port": 443}, {"peers": {"backend-policy": [{"path": path, "object": {"spec": {"targetRefs": [{"kind": "Service", "name": "api"}]}}}]}}) == set()
	judge({"port": 443}, {"truncated": ["backend-policy"]}) == set()
}
