package policies.istio["tls-upon-tls_test"]

import data.policies.istio["tls-upon-tls"] as rule

document(policy, protocol, peers) := {
	"object": {"spec": {"host": "db.test", "trafficPolicy": policy}},
	"peers": object.union(peers, {"service-entry": [{
		"key": "db.test",
		"label": "ServiceEntry shop/db",
		"group": "networking.istio.io",
		"kind": "ServiceEntry",
		"namespace": "shop",
		"name": "db",
		"their_path": ["spec", "hosts", 0],
		"object": {"spec": {"ports": [{"number": 443, "protocol": protocol}]}},
	}]}),
}

simple := {"tls": {"mode": "SIMPLE"}}

test_verdict[name] if {
	some name, case in {
		"HTTPS": {"document": document(simple, "https", {}), "want": 1},
		"TLS": {"document": document({"tls": {"mode": "MUTUAL"}}, "TLS", {}), "want": 1},
		"HTTP": {"document": document(simple, "HTTP", {}), "want": 0},
		"off": {"document": document({"tls": {"mode": "DISABLE"}}, "HTTPS", {}), "want": 0},
		"off for the port": {"document": document(object.union(simple, {"portLevelSettings": [{"port": {"number": 443}}]}), "HTTPS", {}), "want": 0},
		"plain requests": {"document": document(simple, "HTTPS", {"virtual-service": [{"object": {"spec": {"http": []}}}]}), "want": 0},
		"TLS requests": {"document": document(simple, "HTTPS", {"virtual-service": [{"object": {"spec": {"tls": []}}}]}), "want": 1},
		"a route": {"document": document(simple, "HTTPS", {"route": [{}]}), "want": 0},
	}
	findings := rule.findings with input as case.document
	count(findings) == case.want
}
