package policies.istio["gateway-host-twice_test"]

import data.policies.istio["gateway-host-twice"] as rule

server(name, hosts, change) := object.union({"port": {"number": 443, "name": name, "protocol": "HTTPS"}, "hosts": hosts, "tls": {"mode": "SIMPLE"}}, change)

gateway(namespace, servers) := {"metadata": {"namespace": namespace}, "spec": {"selector": {"istio": "ingressgateway"}, "servers": servers}}

judge(servers, peers) := findings if {
	findings := rule.findings with input as {"object": gateway("shop", servers), "peers": {"gateway-host": peers}}
}

test_within if {
	judge([server("a", ["web.shop.test", "api.shop.test"], {}), server("b", ["*/web.shop.test"], {"tls": {"mode": "MUTUAL"}})], []) == {{
		"path": ["spec", "servers", 1, "hosts"],
		"message": "an earlier server of the Gateway, a, is for it too, on port 443",
		"effect": "the later server is left out, and web.shop.test is served as the other one says",
		"remedy": "put them into one server, or give one of them another port",
	}}
}

test_prefixes if {
	judge([server("a", ["shop/web.shop.test"], {}), server("b", ["pay/web.shop.test"], {})], []) == {{
		"path": ["spec", "servers", 1, "hosts"],
		"message": "an earlier server of the Gateway, a, has it with another namespace before the slash",
		"effect": "Envoy refuses the listener of port 443, with all hosts on it, such as web.shop.test",
		"remedy": "put them into one server: one host may stand in it for several namespaces",
	}}
}

test_several if {
	found := judge([server("a", ["web.shop.test", "*"], {}), server("b", ["web.shop.test", "*"], {})], [])
	{f.effect | some f in found} == {"the later server is left out, and every host and web.shop.test are served as the other one says"}
}

test_silent[name] if {
	some name, servers in {
		"different hosts": [server("a", ["web.shop.test"], {}), server("b", ["*.shop.test"], {})],
		"different ports": [server("a", ["web.shop.test"], {}), server("b", ["web.shop.test"], {"port": {"number": 8443}})],
		"different addresses": [server("a", ["web.shop.test"], {}), server("b", ["web.shop.test"], {"bind": "10.0.0.1"})],
		"both plain": [server("a", ["web.shop.test"], {"port": {"protocol": "HTTP"}}), server("b", ["web.shop.test"], {"port": {"protocol": "HTTP"}})],
		"passed through, for two namespaces": [server("a", ["shop/web.shop.test"], {"tls": {"mode": "PASSTHROUGH"}}), server("b", ["pay/web.shop.test"], {})],
	}
	judge(servers, []) == set()
}

test_plain_beside[name] if {
	some name, servers in {
		"after it": [server("a", ["web.shop.test"], {}), server("b", ["web.shop.test"], {"port": {"protocol": "HTTP"}})],
		"before it": [server("a", ["web.shop.test"], {"port": {"protocol": "HTTP"}}), server("b", ["web.shop.test"], {})],
	}
	count(judge(servers, [])) == 1
}

peer(namespace, servers, age) := {
	"key": "web.shop.test",
	"path": ["spec", "servers", 0, "hosts", 0],
	"their_path": ["spec", "servers", 0, "hosts", 0],
	"label": "Gateway other/web",
	"group": "networking.istio.io",
	"kind": "Gateway",
	"namespace": namespace,
	"name": "web",
	"age": age,
	"object": gateway(namespace, servers),
}

test_peer if {
	judge([server("a", ["web.shop.test"], {})], [peer("other", [server("z", ["web.shop.test"], {})], "older")]) == {{
		"path": ["spec", "servers", 0, "hosts"],
		"message": "Gateway other/web has a server for it too, on port 443, and is older",
		"effect": "the later server is left out, and web.shop.test is served as the other one says",
		"remedy": "put them into one server, or have the host removed from Gateway other/web",
		"related": [{
			"group": "networking.istio.io",
			"kind": "Gateway",
			"namespace": "other",
			"name": "web",
			"path": ["spec", "servers", 0, "hosts", 0],
			"message": "is for the host too",
		}],
	}}
}

test_peers[name] if {
	some name, case in {
		"of unknown age": {"host": "web.shop.test", "peer": peer("other", [server("z", ["web.shop.test"], {})], "unknown"), "want": {"Gateway other/web has a server for it too, on port 443, and files do not tell which one is older"}},
		"younger": {"host": "web.shop.test", "peer": peer("other", [server("z", ["web.shop.test"], {})], "newer"), "want": set()},
		"of own namespaces": {"host": "./web.shop.test", "peer": peer("other", [server("z", ["./web.shop.test"], {})], "newer"), "want": {"Gateway other/web has it with another namespace before the slash"}},
		"for other pods": {
			"host": "web.shop.test",
			"peer": object.union(peer("other", [], "older"), {"object": {"spec": {"selector": {"istio": "other"}, "servers": [server("z", ["web.shop.test"], {})]}}}),
			"want": set(),
		},
	}
	{f.message | some f in judge([server("a", [case.host], {})], [case.peer])} == case.want
}
