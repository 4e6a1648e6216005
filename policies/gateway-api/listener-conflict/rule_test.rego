package policies["gateway-api"]["listener-conflict_test"]

import data.policies["gateway-api"]["listener-conflict"] as rule

gateway(listeners) := {"spec": {"listeners": listeners}}

listener(name, protocol, hostname) := {"name": name, "port": 443, "protocol": protocol, "hostname": hostname}

test_in_one_object[name] if {
	some name, case in {
		"HTTP and HTTPS": {
			"listeners": [listener("a", "HTTP", "a.test"), listener("b", "HTTPS", "b.test")],
			"want": {["listener a has the port for another protocol than HTTPS", "give one of them another port"]},
		},
		"HTTPS and TLS of one host": {
			"listeners": [listener("a", "TLS", "a.test"), listener("b", "HTTPS", "a.test")],
			"want": {["listener a has the same port and host name", "give one of them another host name or port"]},
		},
		"HTTPS and TLS of any host": {
			"listeners": [{"name": "a", "port": 443, "protocol": "TLS"}, {"name": "b", "port": 443, "protocol": "HTTPS"}],
			"want": {["listener a has the same port, and no host name either", "give one of them another host name or port"]},
		},
		"no host name, and an empty one": {
			"listeners": [{"name": "a", "port": 443, "protocol": "HTTPS"}, listener("b", "HTTPS", "")],
			"want": {["listener a has the same port and host name", "give one of them another host name or port"]},
		},
		"what the API server refuses": {"listeners": [listener("a", "HTTPS", "a.test"), listener("b", "HTTPS", "a.test")], "want": set()},
		"other hosts": {"listeners": [listener("a", "HTTPS", "a.test"), listener("b", "TLS", "b.test")], "want": set()},
		"another port": {"listeners": [listener("a", "HTTPS", "a.test"), {"name": "b", "port": 80, "protocol": "HTTP"}], "want": set()},
		"UDP": {"listeners": [listener("a", "HTTPS", "a.test"), {"name": "b", "port": 443, "protocol": "UDP"}], "want": set()},
		"somebody's own protocol": {
			"listeners": [listener("a", "HTTPS", "a.test"), listener("b", "example.com/quic", "a.test")],
			"want": set(),
		},
	}
	findings := rule.findings with input as {"id": {"kind": "Gateway", "namespace": "infra"}, "object": gateway(case.listeners)}
	{[f.message, f.remedy] | some f in findings} == case.want
}

tls(name, mode, hostname) := object.union(listener(name, "TLS", hostname), {"tls": {"mode": mode}})

test_modes[name] if {
	some name, case in {
		"passed through, then ended": {
			"controllers": {"cilium": {"certainty": "known"}},
			"listeners": [tls("a", "Passthrough", "a.test"), tls("b", "Terminate", "b.test")],
			"want": {["listener a passes TLS through on the same port, and Cilium has one mode of TLS on a port", "give one of them another port"]},
		},
		"ended, then passed through": {
			"controllers": {"cilium": {"certainty": "known"}},
			"listeners": [listener("a", "TLS", "a.test"), tls("b", "Passthrough", "b.test")],
			"want": {["listener a ends TLS on the same port, and Cilium has one mode of TLS on a port", "give one of them another port"]},
		},
		"one mode": {
			"controllers": {"cilium": {"certainty": "known"}},
			"listeners": [tls("a", "Passthrough", "a.test"), tls("b", "Passthrough", "b.test")],
			"want": set(),
		},
		"HTTPS beside it": {
			"controllers": {"cilium": {"certainty": "known"}},
			"listeners": [listener("a", "HTTPS", "a.test"), tls("b", "Passthrough", "b.test")],
			"want": set(),
		},
		"another controller": {
			"controllers": {"istio": {"certainty": "known"}},
			"listeners": [tls("a", "Passthrough", "a.test"), tls("b", "Terminate", "b.test")],
			"want": set(),
		},
	}
	findings := rule.findings with input as {
		"id": {"kind": "Gateway", "namespace": "infra"},
		"object": gateway(case.listeners),
		"controllers": case.controllers,
	}
	{[f.message, f.remedy] | some f in findings} == case.want
}

test_effect if {
	findings := rule.findings with input as {
		"id": {"kind": "Gateway", "namespace": "infra"},
		"object": gateway([listener("a", "TLS", "a.test"), listener("b", "HTTPS", "a.test")]),
	}
	{f.effect | some f in findings} == {"neither clients of a.test nor clients of a.test get a connection on port 443"}
}

parent(from, listeners) := {
	"group": "gateway.networking.k8s.io",
	"kind": "Gateway",
	"namespace": "infra",
	"name": "edge",
	"label": "Gateway infra/edge",
	"object": {"spec": {"allowedListeners": {"namespaces": {"from": from}}, "listeners": listeners}},
}

sibling(age, listeners) := {
	"group": "gateway.networking.k8s.io",
	"kind": "ListenerSet",
	"namespace": "other",
	"name": "other",
	"label": "ListenerSet other/other",
	"age": age,
	"object": gateway(listeners),
}

test_of_a_set[name] if {
	some name, case in {
		"the Gateway has the host": {
			"peers": {"parent": [parent("All", [listener("web", "HTTPS", "a.test")])]},
			"want": {["clients of a.test get no connection on port 443", "listener web of Gateway infra/edge has the same port and host name"]},
		},
		"and does not take the set": {"peers": {"parent": [parent("None", [listener("web", "HTTPS", "a.test")])]}, "want": set()},
		"an older set": {
			"peers": {"parent": [parent("All", [])], "listener-set": [sibling("older", [listener("web", "HTTP", "b.test")])]},
			"want": {[
				"the listener of the younger ListenerSet gets no connection on port 443",
				"ListenerSet other/other has the port for another protocol than HTTPS",
			]},
		},
		"a younger set": {"peers": {"listener-set": [sibling("newer", [listener("web", "HTTPS", "a.test")])]}, "want": set()},
		"a set that is not taken": {
			"peers": {
				"parent": [object.union(parent("Selector", []), {"object": {"spec": {"allowedListeners": {"namespaces": {"selector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}}}}})],
				"listener-set": [sibling("unknown", [listener("web", "HTTPS", "a.test")])],
			},
			"want": set(),
		},
		"a port of its own kind": {
			"peers": {"listener-set": [sibling("unknown", [{"name": "web", "port": 5432, "protocol": "TCP"}])]},
			"want": {["the listener of the younger ListenerSet gets no connection on port 5432", "ListenerSet other/other has the same port"]},
		},
	}
	findings := rule.findings with input as {
		"id": {"kind": "ListenerSet", "namespace": "shop"},
		"object": gateway([listener("own", "HTTPS", "a.test"), {"name": "tcp", "port": 5432, "protocol": "TCP"}]),
		"peers": case.peers,
	}
	{[f.effect, f.message] | some f in findings} == case.want
}

test_gateway_wins if {
	findings := rule.findings with input as {
		"id": {"kind": "Gateway", "namespace": "infra"},
		"object": gateway([listener("own", "HTTPS", "a.test")]),
		"peers": {"listener-set": [sibling("older", [listener("web", "HTTPS", "a.test")])]},
	}
	count(findings) == 0
}
