package policies.gloo["sni-erased_test"]

import data.policies.gloo["sni-erased"] as rule

service(name, ssl) := {"metadata": {"name": name, "namespace": "shop"}, "spec": {"sslConfig": ssl}}

judge(ssl, other) := {f.message | some f in findings} if {
	findings := rule.findings with input as {"object": service("a", ssl), "peers": {"gloo-secret": [{
		"label": "VirtualService shop/b", "group": "gateway.solo.io", "kind": "VirtualService", "namespace": "shop", "name": "b",
		"object": service("b", other),
	}]}}
}

ssl := {"secretRef": {"name": "one"}}

test_erased if {
	judge(ssl, object.union(ssl, {"sniDomains": ["b.test"]})) == {"VirtualService shop/b has the same sslConfig for b.test only, and there are no sniDomains here"}
}

test_silent if {
	count(judge(ssl, ssl)) == 0
	count(judge(object.union(ssl, {"sniDomains": ["a.test"]}), object.union(ssl, {"sniDomains": ["b.test"]}))) == 0
	count(judge(ssl, {"secretRef": {"name": "two"}, "sniDomains": ["b.test"]})) == 0
}
