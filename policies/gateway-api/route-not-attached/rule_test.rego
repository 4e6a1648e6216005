package policies["gateway-api"]["route-not-attached_test"]

import data.policies["gateway-api"]["route-not-attached"] as rule

https := {"name": "web", "port": 443, "protocol": "HTTPS", "hostname": "www.shop.test"}

raw := {"name": "raw", "port": 8443, "protocol": "TLS", "hostname": "*.shop.test"}

judge(kind, hosts, reference, listeners) := {[f.severity, f.effect, f.message] | some f in findings} if {
	findings := rule.findings with input as {
		"id": {"kind": kind},
		"object": {"spec": object.union({"parentRefs": [reference]}, hosts)},
		"peers": {"parent": [{"path": ["spec", "parentRefs", 0], "label": "Gateway shop/edge", "object": {"spec": {"listeners": listeners}}}]},
	}
}

test_verdict[name] if {
	some name, case in {
		"another protocol": {
			"kind": "TLSRoute",
			"hosts": ["www.shop.test"],
			"reference": {"name": "edge", "sectionName": "web"},
			"listeners": [https, raw],
			"want": {["error", "no request for www.shop.test comes to this route by Gateway shop/edge", "listener web of Gateway shop/edge has protocol HTTPS, which takes no TLSRoute"]},
		},
		"other protocols": {
			"kind": "GRPCRoute",
			"hosts": ["www.shop.test"],
			"reference": {"name": "edge"},
			"listeners": [raw, {"name": "tcp", "port": 1, "protocol": "TCP"}],
			"want": {["warning", "no request for www.shop.test comes to this route by Gateway shop/edge", "each of 2 listeners of Gateway shop/edge has protocol TCP or TLS, which takes no GRPCRoute"]},
		},
		"no such section": {
			"kind": "HTTPRoute",
			"hosts": [],
			"reference": {"name": "edge", "sectionName": "https"},
			"listeners": [https],
			"want": {["warning", "no request for any host comes to this route by Gateway shop/edge", "Gateway shop/edge has no listener https"]},
		},
		"no such port": {
			"kind": "HTTPRoute",
			"hosts": [],
			"reference": {"name": "edge", "port": 444},
			"listeners": [https],
			"want": {["warning", "no request for any host comes to this route by Gateway shop/edge", "Gateway shop/edge has no listener on port 444"]},
		},
		"neither": {
			"kind": "HTTPRoute",
			"hosts": [],
			"reference": {"name": "edge", "port": 8443, "sectionName": "web"},
			"listeners": [https],
			"want": {["warning", "no request for any host comes to this route by Gateway shop/edge", "Gateway shop/edge has no listener web on port 8443"]},
		},
		"other hosts": {
			"kind": "HTTPRoute",
			"hosts": ["api.shop.test"],
			"reference": {"name": "edge"},
			"listeners": [https, raw],
			"want": {["warning", "no request for api.shop.test comes to this route by Gateway shop/edge", "listener web of Gateway shop/edge is for www.shop.test"]},
		},
		"one of the hosts": {"kind": "TLSRoute", "hosts": ["shop.test", "db.shop.test"], "reference": {"name": "edge"}, "listeners": [https, raw], "want": set()},
		"any host": {"kind": "HTTPRoute", "hosts": [], "reference": {"name": "edge"}, "listeners": [https], "want": set()},
		"kinds that are named": {
			"kind": "TLSRoute",
			"hosts": [],
			"reference": {"name": "edge"},
			"listeners": [object.union(https, {"allowedRoutes": {"kinds": [{"kind": "TLSRoute"}]}})],
			"want": set(),
		},
		"somebody's own protocol": {
			"kind": "HTTPRoute",
			"hosts": [],
			"reference": {"name": "edge"},
			"listeners": [{"name": "quic", "port": 443, "protocol": "example.com/quic"}],
			"want": set(),
		},
	}
	judge(case.kind, {"hostnames": case.hosts}, case.reference, case.listeners) == case.want
}

test_no_hostnames if judge("HTTPRoute", {}, {"name": "edge"}, [https]) == set()
