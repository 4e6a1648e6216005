package lib.backend_test

import data.lib.backend

test_controllers if {
	# A controller of the table says all of it.
	every _, controller in backend.controllers {
		object.keys(controller) == {"title", "kinds", "reads", "several", "names", "prefixes", "refusal"}
		controller.several in {"all", "first", "refused"}
		controller.names in {"verified", "unread", "refused"}
		controller.refusal in {"fail", "unencrypted"}
	}
}

test_refused if {
	refs := {"policy-target": [{"label": "Service shop/api"}]}
	backend.refused("istio", refs) == "requests to Service shop/api fail with 5xx"
	backend.refused("kong", refs) == "requests to Service shop/api are sent unencrypted"
}

test_targets if {
	backend.targets({"spec": {"targetRefs": [{"name": "a"}, {"name": "b"}]}}) == [{"name": "a"}, {"name": "b"}]
	backend.targets({"spec": {"targetRef": {"name": "a"}}}) == [{"name": "a"}]
	backend.targets({"spec": {}}) == []
}

path := ["spec", "rules", 0, "backendRefs", 0]

ref := {"path": path, "name": "api", "object": {"spec": {"ports": [{"name": "http", "port": 80}, {"name": "https", "port": 443}]}}}

route(port) := {"spec": {"rules": [{"backendRefs": [{"name": "api", "port": port}]}]}}

test_ports if {
	backend.ports(ref) == [{"name": "https", "port": 443}] with input as {"object": route(443)}
	backend.ports(ref) == [] with input as {"object": route(8443)}
	backend.ports(ref) == [] with input as {"object": {"spec": {"rules": [{"backendRefs": [{"name": "api"}]}]}}}
}

test_policies[name] if {
	some name, case in {
		"whole Service": {"target": {"kind": "Service", "name": "api"}, "at": path, "want": 1},
		"the section": {"target": {"kind": "Service", "name": "api", "sectionName": "https"}, "at": path, "want": 1},
		"another section": {"target": {"kind": "Service", "name": "api", "sectionName": "http"}, "at": path, "want": 0},
		"another name": {"target": {"kind": "Service", "name": "web"}, "at": path, "want": 0},
		"another kind": {"target": {"kind": "Backend", "name": "api"}, "at": path, "want": 0},
		"another backend of the route": {"target": {"kind": "Service", "name": "api"}, "at": ["spec", "rules", 1, "backendRefs", 0], "want": 0},
	}
	peers := {"backend-policy": [{"path": case.at, "object": {"spec": {"targetRefs": [case.target]}}}]}
	found := backend.policies(ref, {"name": "https", "port": 443}) with input as {"peers": peers}
	count(found) == case.want
}

test_policies_of_a_port_without_a_name if {
	peers := {"backend-policy": [{"path": path, "object": {"spec": {"targetRef": {"kind": "Service", "name": "api"}}}}]}
	found := backend.policies(ref, {"port": 443}) with input as {"peers": peers}
	count(found) == 1
}

test_section if {
	target := {"path": ["spec", "targetRefs", 0]}
	backend.section(target) == "https" with input as {"object": {"spec": {"targetRefs": [{"sectionName": "https"}]}}}
	backend.section(target) == "" with input as {"object": {"spec": {"targetRefs": [{}]}}}
}

test_routed[name] if {
	some name, case in {
		"of its own namespace": {"to": {"name": "api", "port": 443}, "want": 1},
		"named with its namespace": {"to": {"name": "api", "namespace": "shop", "port": 443}, "want": 1},
		"of another namespace": {"to": {"name": "api", "namespace": "other", "port": 443}, "want": 0},
		"another name": {"to": {"name": "web", "port": 443}, "want": 0},
	}
	target := {"path": ["spec", "targetRefs", 0], "name": "api", "namespace": "shop"}
	found := backend.routed(target) with input as {"peers": {"route": [
		{"path": target.path, "namespace": "shop", "object": {"spec": {"rules": [{"backendRefs": [case.to]}]}}},
		{"path": ["spec", "targetRefs", 1], "namespace": "shop", "object": {"spec": {"rules": [{"backendRefs": [case.to]}]}}},
	]}}
	count(found) == case.want
}

test_without_ca[name] if {
	some name, case in {
		"Kong": {"controllers": ["kong"], "want": "requests to Service shop/api are sent unencrypted"},
		"another": {"controllers": ["istio"], "want": "requests to Service shop/api fail with 5xx"},
		"nobody known": {"controllers": [], "want": "requests to Service shop/api fail with 5xx"},
		"both": {"controllers": ["istio", "kong"], "want": "requests to Service shop/api fail with 5xx, and are sent unencrypted by Kong"},
	}
	refs := {"policy-target": [{"label": "Service shop/api"}]}
	effect := backend.without_ca(refs) with input as {"controllers": {controller: {} | some controller in case.controllers}}
	effect == case.want
}

test_switched_off[value] if {
	some value, want in {"true": {"istio"}, "True": {"istio"}, "yes": set()}
	annotations := {"istio.io/ignore-policy-attachment": value}
	off := {name | some name in ["istio", "traefik"]; backend.switched_off(name)} with input as {"object": {"metadata": {"annotations": annotations}}}
	off == want
}

test_without_ca_where_nobody_reads_policies if {
	policy := {"policy-target": [{"label": "Service shop/api"}]}
	not backend.without_ca(policy) with input as {"controllers": {"gloo-gateway": {}}}
	backend.without_ca(policy) with input as {"controllers": {"gloo-gateway": {}, "istio": {}}}
}

test_passed_over[name] if {
	some name, case in {
		"the first": {"index": 0, "controllers": ["istio"], "want": 0},
		"the second": {"index": 1, "controllers": ["istio", "kgateway"], "want": 1},
		"somebody reads all": {"index": 1, "controllers": ["istio", "envoy-gateway"], "want": 0},
		"nobody knows who acts": {"index": 1, "controllers": [], "want": 0},
	}
	ref := {"path": ["spec", "validation", "caCertificateRefs", case.index]}
	count([1 | backend.passed_over(ref) with input as {"controllers": {controller: {} | some controller in case.controllers}}]) == case.want
}
