package policies["gateway-api"]["backend-policy-unreached_test"]

import data.policies["gateway-api"]["backend-policy-unreached"] as rule

path := ["spec", "targetRefs", 0]

ref := {
	"path": path,
	"kind": "Service",
	"namespace": "shop",
	"name": "api",
	"label": "Service shop/api",
	"presence": "present",
	"object": {"spec": {"ports": [{"name": "https", "port": 8443}, {"name": "admin", "port": 9443}]}},
}

route(backends) := {
	"path": path,
	"label": "HTTPRoute shop/api",
	"namespace": "shop",
	"object": {"spec": {"rules": [{"backendRefs": backends}]}},
}

judge(refs, section, peers) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"targetRefs": [{"sectionName": section}]}},
		"refs": {"policy-target": refs},
		"peers": peers,
	}
}

test_extension if judge([ref], "", {"extension": [{"path": path, "label": "SecurityPolicy shop/login"}]}) == set()

test_no_route if {
	judge([ref], "", {}) == {{
		"path": path,
		"message": "no route in sight sends requests to Service shop/api",
		"effect": "no controller acts on the policy for it, and its status stays empty",
		"remedy": "refer to Service shop/api in backendRefs of a route, or remove the policy",
		"severity": "info",
	}}
}

test_another_port if {
	judge([ref], "admin", {"route": [route([{"name": "api", "port": 8443}])]}) == {{
		"path": ["spec", "targetRefs", 0, "sectionName"],
		"message": "section admin of Service shop/api is port 9443, and routes send to port 8443",
		"effect": "requests of HTTPRoute shop/api to Service shop/api are sent unencrypted",
		"remedy": "name the section that routes send to, or have them send to this one",
	}}
}

test_silent[name] if {
	some name, case in {
		"a route to all of it": {"refs": [ref], "section": "", "peers": {"route": [route([{"name": "api", "port": 8443}])]}},
		"a route to the section": {"refs": [ref], "section": "https", "peers": {"route": [route([{"name": "api", "port": 8443}])]}},
		"a route to both": {"refs": [ref], "section": "admin", "peers": {"route": [route([{"name": "api", "port": 8443}, {"name": "api", "port": 9443}])]}},
		"a Service out of sight": {"refs": [object.remove(object.union(ref, {"presence": "unknown"}), ["object"])], "section": "https", "peers": {}},
		"another kind": {"refs": [object.union(ref, {"kind": "Backend"})], "section": "", "peers": {}},
		"a section that is none": {"refs": [ref], "section": "tls", "peers": {"route": [route([{"name": "api", "port": 8443}])]}},
		"another policy for the rest": {
			"refs": [ref],
			"section": "admin",
			"peers": {"route": [route([{"name": "api", "port": 8443}])], "policy-target": [{"path": path}]},
		},
		"another element for the rest": {
			"refs": [ref, object.union(ref, {"path": ["spec", "targetRefs", 1], "presence": "unknown"})],
			"section": "admin",
			"peers": {"route": [route([{"name": "api", "port": 8443}])]},
		},
		"a backend of that name elsewhere": {
			"refs": [ref],
			"section": "admin",
			"peers": {"route": [route([{"name": "api", "namespace": "other", "port": 8443}, {"name": "web", "port": 80}])]},
		},
	}
	judge(case.refs, case.section, case.peers) == set()
}

kong(kind) := {
	"object": {"spec": {"targetRefs": [{"sectionName": "admin"}]}},
	"controllers": {"kong": {"certainty": "known"}},
	"refs": {"policy-target": [ref]},
	"peers": {"route": [object.union(route([{"name": "api", "port": 8443}]), {"kind": kind})]},
}

# It reads no section.
test_kong if {
	count(rule.findings) == 0 with input as kong("HTTPRoute")
}

test_kong_and_a_route_of_another_kind if {
	findings := rule.findings with input as kong("GRPCRoute")
	{[f.path, f.effect] | some f in findings} == {[path, "requests to Service shop/api are sent unencrypted"]}
}
