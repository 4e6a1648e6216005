package policies.gloo["service-tls-on-every-port_test"]

import data.policies.gloo["service-tls-on-every-port"] as rule

ports(value, port, others) := count(findings) if {
	findings := rule.findings with input as {
		"id": {"group": "", "version": "v1", "kind": "Service", "namespace": "shop", "name": "api", "label": "Service shop/api"},
		"object": {"metadata": {"annotations": {"gloo.solo.io/sslService.secret": value}}, "spec": {"ports": array.concat([port], others)}},
	}
}

judge(value, port) := ports(value, port, [{"name": "https", "port": 8443}])

test_ports if {
	ports("tls", {"name": "http", "port": 80}, [{"port": 8443, "appProtocol": "https"}]) == 1
	ports("tls", {"name": "http", "port": 80}, []) == 0
	judge("tls", {"name": "http", "port": 80}) == 1
	judge("tls", {"name": "main", "port": 80, "appProtocol": "http"}) == 1
	judge("tls", {"name": "https", "port": 443}) == 0
	judge("tls", {"port": 443}) == 0
	judge("443:tls", {"name": "http", "port": 80}) == 0
	judge("", {"name": "http", "port": 80}) == 0
}
