package policies.gloo["sni-conflict_test"]

import data.policies.gloo["sni-conflict"] as rule

service(name, ssl) := {"metadata": {"name": name, "namespace": "shop"}, "spec": {"sslConfig": ssl}}

peer(key, ssl) := {
	"key": key, "path": ["spec", "sslConfig", "sniDomains", 0], "label": "VirtualService shop/b", "group": "gateway.solo.io",
	"kind": "VirtualService", "namespace": "shop", "name": "b", "object": service("b", ssl),
}

judge(ssl, index, other, gateways) := {[f.severity, f.message] | some f in findings} if {
	findings := rule.findings with input as {"object": service("a", ssl), "peers": {index: [other], "gateway": gateways}}
}

one := {"secretRef": {"name": "one"}, "sniDomains": ["a.test"]}

two := {"secretRef": {"name": "two"}, "sniDomains": ["a.test", "b.test"]}

gateway := {"object": {"spec": {"ssl": true, "httpGateway": {}}}}

test_equal_name if {
	judge(one, "gloo-sni", peer("a.test", two), [gateway]) == {["error", "VirtualService shop/b has a.test too, with another sslConfig"]}
	judge(one, "gloo-sni", peer("a.test", two), []) == {["warning", "VirtualService shop/b has a.test too, with another sslConfig"]}
}

test_same_config if count(judge(one, "gloo-sni", peer("a.test", object.union(one, {"sniDomains": ["a.test", "c.test"]})), [gateway])) == 0

test_no_names if {
	a := object.remove(one, ["sniDomains"])
	b := object.remove(two, ["sniDomains"])
	judge(a, "gloo-first-sni", peer("(all)", b), [gateway]) == {["error", "neither this nor VirtualService shop/b has sniDomains, and their sslConfig differ"]}
	count(judge(a, "gloo-first-sni", peer("(all)", a), [gateway])) == 0
	count(judge(one, "gloo-first-sni", peer("a.test", two), [gateway])) == 0
}
