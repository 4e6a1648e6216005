package policies.istio["gateway-certificate-shared_test"]

import data.policies.istio["gateway-certificate-shared"] as rule

server(host, tls) := {"port": {"number": 443, "protocol": "HTTPS"}, "hosts": [host], "tls": object.union({"mode": "SIMPLE"}, tls)}

gateway(servers) := {"spec": {"selector": {"istio": "ingressgateway"}, "servers": servers}}

judge(servers, peers) := findings if {
	findings := rule.findings with input as {"object": gateway(servers), "peers": {"gateway-credential": peers}}
}

test_within if {
	judge([server("a.shop.test", {"credentialName": "wild"}), server("b.shop.test", {"credentialName": "wild"})], []) == {{
		"path": ["spec", "servers", 1, "tls", "credentialName"],
		"message": "the server for a.shop.test shows wild too",
		"effect": "browsers with a connection to a.shop.test get 404 for b.shop.test",
		"remedy": "put the hosts into one server, or give each its own certificate",
	}}
}

test_modes if {
	found := judge([server("a.shop.test", {"credentialName": "wild"}), server("b.shop.test", {"credentialNames": ["wild"], "mode": "MUTUAL"})], [])
	{[f.path[4], f.message, f.remedy] | some f in found} == {[
		"credentialNames",
		"the server for a.shop.test shows wild too, and only one of them asks for client certificates",
		"give each its own certificate, for its own hosts only",
	]}
}

peer(servers) := {
	"key": "wild",
	"path": ["spec", "servers", 0, "tls", "credentialName"],
	"their_path": ["spec", "servers", 0, "tls", "credentialName"],
	"label": "Gateway pay/web",
	"group": "networking.istio.io",
	"kind": "Gateway",
	"namespace": "pay",
	"name": "web",
	"object": gateway(servers),
}

test_peer if {
	judge([server("a.shop.test", {"credentialName": "wild"})], [peer([server("b.shop.test", {"credentialName": "wild"})])]) == {{
		"path": ["spec", "servers", 0, "tls", "credentialName"],
		"message": "Gateway pay/web shows wild too, for b.shop.test",
		"effect": "browsers with a connection to b.shop.test get 404 for a.shop.test",
		"remedy": "put the hosts into one server, or give each its own certificate",
		"related": [{
			"group": "networking.istio.io",
			"kind": "Gateway",
			"namespace": "pay",
			"name": "web",
			"path": ["spec", "servers", 0, "tls", "credentialName"],
			"message": "shows the certificate too",
		}],
	}}
}

test_silent[name] if {
	some name, case in {
		"own certificates": {"servers": [server("a.shop.test", {"credentialName": "a"}), server("b.shop.test", {"credentialName": "b"})], "peers": []},
		"no HTTP": {"servers": [server("a.shop.test", {"credentialName": "wild"}), object.union(server("b.shop.test", {"credentialName": "wild"}), {"port": {"protocol": "TLS"}})], "peers": []},
		"another port": {"servers": [server("a.shop.test", {"credentialName": "wild"}), object.union(server("b.shop.test", {"credentialName": "wild"}), {"port": {"number": 8443}})], "peers": []},
		"blanks": {"servers": [server("a.shop.test", {"credentialName": ""}), server("b.shop.test", {"credentialName": ""})], "peers": []},
		"the same host": {"servers": [server("a.shop.test", {"credentialName": "wild"})], "peers": [peer([server("a.shop.test", {"credentialName": "wild"})])]},
	}
	judge(case.servers, case.peers) == set()
}
