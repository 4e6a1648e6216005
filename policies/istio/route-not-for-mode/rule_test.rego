package policies.istio["route-not-for-mode_test"]

import data.policies.istio["route-not-for-mode"] as rule

server(protocol, mode, hosts) := {"port": {"number": 443, "protocol": protocol}, "hosts": hosts, "tls": {"mode": mode}}

ref(servers) := {"label": "Gateway shop/web", "group": "networking.istio.io", "kind": "Gateway", "namespace": "shop", "name": "web", "object": {"spec": {"servers": servers}}}

judge(spec, servers) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": object.union({"hosts": ["db.shop.test"]}, spec)},
		"refs": {"virtual-service-gateway": [ref(servers)]},
	}
}

test_says if {
	judge({"http": [{}]}, [server("TLS", "PASSTHROUGH", ["db.shop.test"])]) == {{
		"path": ["spec", "http"],
		"message": "Gateway shop/web reads spec.tls for these hosts, and the VirtualService has spec.http",
		"effect": "connections to db.shop.test by that Gateway are led nowhere",
		"remedy": "write routes under spec.tls that match sniHosts, or have the Gateway end TLS by mode SIMPLE",
		"related": [{"group": "networking.istio.io", "kind": "Gateway", "namespace": "shop", "name": "web", "path": ["spec", "servers", 0], "message": "reads other routes"}],
	}}
}

test_remedy[name] if {
	some name, case in {
		"TLS for routes of HTTP": {"spec": {"tls": [{}]}, "servers": [server("HTTPS", "SIMPLE", ["shop/*.shop.test"])], "want": {"write the routes under spec.http, or change the mode of the server"}},
		"TLS that is ended for TCP": {"spec": {"http": [{}]}, "servers": [server("TLS", "SIMPLE", ["*"])], "want": {"write the routes under spec.tcp, or change the mode of the server"}},
		"TCP": {"spec": {"http": [{}], "tls": []}, "servers": [{"port": {"protocol": "TCP"}, "hosts": ["*"]}], "want": {"write the routes under spec.tcp, or change the mode of the server"}},
		"one of two servers": {"spec": {"http": [{}]}, "servers": [server("HTTPS", "PASSTHROUGH", ["*"]), {"port": {"protocol": "HTTP"}, "hosts": ["*"]}], "want": set()},
		"both": {"spec": {"http": [{}], "tls": [{}]}, "servers": [server("HTTPS", "PASSTHROUGH", ["*"])], "want": set()},
		"another host": {"spec": {"http": [{}]}, "servers": [server("HTTPS", "PASSTHROUGH", ["web.shop.test"])], "want": set()},
		"no routes": {"spec": {}, "servers": [server("HTTPS", "PASSTHROUGH", ["*"])], "want": set()},
	}
	{f.remedy | some f in judge(case.spec, case.servers)} == case.want
}
