package policies["gateway-api"]["overlapping-hostnames_test"]

import data.policies["gateway-api"]["overlapping-hostnames"] as rule

listener(name, hostname) := {"name": name, "port": 443, "protocol": "HTTPS", "hostname": hostname}

test_in_one_object[name] if {
	some name, case in {
		"a wildcard": {
			"listeners": [listener("web", "www.shop.test"), listener("wild", "*.shop.test")],
			"want": {["requests for www.shop.test may come over connections of the other listener", "its host names overlap with those of listener web"]},
		},
		"different hosts": {"listeners": [listener("web", "www.shop.test"), listener("api", "api.shop.test")], "want": set()},
		"equal hosts": {"listeners": [listener("web", "www.shop.test"), listener("api", "www.shop.test")], "want": set()},
		"another port": {
			"listeners": [listener("web", "www.shop.test"), object.union(listener("wild", "*.shop.test"), {"port": 8443})],
			"want": set(),
		},
		"another protocol": {
			"listeners": [object.union(listener("web", "www.shop.test"), {"protocol": "TLS"}), listener("wild", "*.shop.test")],
			"want": set(),
		},
	}
	findings := rule.findings with input as {"id": {"kind": "Gateway"}, "object": {"spec": {"listeners": case.listeners}}}
	{[f.effect, f.message] | some f in findings} == case.want
}

test_of_a_set if {
	findings := rule.findings with input as {
		"id": {"kind": "ListenerSet"},
		"object": {"spec": {"listeners": [listener("web", "www.shop.test")]}},
		"peers": {"parent": [{"label": "Gateway infra/edge", "object": {"spec": {"listeners": [listener("any", "")]}}}]},
	}
	{[f.effect, f.message] | some f in findings} == {[
		"requests for www.shop.test may come over connections of the other listener",
		"its host names overlap with those of a listener of Gateway infra/edge",
	]}
}
