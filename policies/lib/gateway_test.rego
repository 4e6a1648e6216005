package lib.gateway_test

import data.lib.gateway

test_meets[name] if {
	some name, case in {
		"equal": {"a": "www.shop.test", "b": "www.shop.test", "want": true},
		"different": {"a": "www.shop.test", "b": "api.shop.test", "want": false},
		"a wildcard": {"a": "*.shop.test", "b": "www.shop.test", "want": true},
		"a wildcard over two labels": {"a": "a.b.shop.test", "b": "*.shop.test", "want": true},
		"a wildcard and its domain": {"a": "*.shop.test", "b": "shop.test", "want": false},
		"two wildcards": {"a": "*.shop.test", "b": "*.api.shop.test", "want": true},
		"none": {"a": "", "b": "*.shop.test", "want": true},
		"none on the other side": {"a": "shop.test", "b": "", "want": true},
	}
	meets(case.a, case.b) == case.want
}

default meets(_, _) := false

meets(a, b) if gateway.meets(a, b)

test_terminates if {
	gateway.terminates({"protocol": "HTTPS"})
	gateway.terminates({"protocol": "TLS", "tls": {"mode": "Terminate"}})
	not gateway.terminates({"protocol": "TLS", "tls": {"mode": "Passthrough"}})
	not gateway.terminates({"protocol": "HTTP"})
}

test_listeners if {
	gateway.listeners({"spec": {"listeners": [1, 2]}}, [{"object": {"spec": {"listeners": [3]}}}]) == [1, 2, 3]
}

test_audience if {
	gateway.audience({"name": "web", "hostname": "www.shop.test"}) == "clients of www.shop.test"
	gateway.audience({"name": "web"}) == "clients of listener web"
}

test_named if {
	listeners := [{"name": "web", "port": 443}, {"name": "alt", "port": 8443}]
	gateway.named({"name": "edge"}, listeners) == listeners
	gateway.named({"name": "edge", "sectionName": "alt"}, listeners) == [listeners[1]]
	gateway.named({"name": "edge", "port": 443}, listeners) == [listeners[0]]
	gateway.named({"name": "edge", "port": 443, "sectionName": "alt"}, listeners) == []
	gateway.named({"name": "edge", "port": 443}, [{"name": "web"}]) == [{"name": "web"}]
}

by_name(name) := {"from": "Selector", "selector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}

listed(names) := {"from": "Selector", "selector": {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": names}]}}

test_admits[name] if {
	some name, case in {
		"the same": {"namespaces": {}, "other": "infra", "want": [true]},
		"not the same": {"namespaces": {}, "other": "shop", "want": [false]},
		"one that is not set": {"namespaces": {}, "other": "", "want": []},
		"all": {"namespaces": {"from": "All"}, "other": "shop", "want": [true]},
		"none": {"namespaces": {"from": "None"}, "other": "infra", "want": [false]},
		"by name": {"namespaces": by_name("shop"), "other": "shop", "want": [true]},
		"by another name": {"namespaces": by_name("api"), "other": "shop", "want": [false]},
		"by one of several names": {"namespaces": listed(["api", "shop"]), "other": "shop", "want": [true]},
		"by none of several names": {"namespaces": listed(["api"]), "other": "shop", "want": [false]},
		"by other labels": {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "shop"}}}, "other": "shop", "want": []},
	}
	[verdict | verdict := gateway.admits(case.namespaces, "Same", "infra", case.other)] == case.want
}

test_asked[name] if {
	some name, case in {
		"the default": {"frontend": {"default": {"validation": {}}}, "want": true},
		"the default, and another port": {"frontend": {"default": {"validation": {}}, "perPort": [{"port": 8443, "tls": {}}]}, "want": true},
		"off for the port": {"frontend": {"default": {"validation": {}}, "perPort": [{"port": 443, "tls": {}}]}, "want": false},
		"its port": {"frontend": {"default": {}, "perPort": [{"port": 443, "tls": {"validation": {}}}]}, "want": true},
		"nobody": {"frontend": {"default": {}}, "want": false},
	}
	asked(case.frontend, {"port": 443}) == case.want
}

default asked(_, _) := false

asked(frontend, listener) if gateway.asked(frontend, listener)
