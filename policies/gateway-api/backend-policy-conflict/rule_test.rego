package policies["gateway-api"]["backend-policy-conflict_test"]

import data.policies["gateway-api"]["backend-policy-conflict"] as rule

peer := {
	"key": "shop//Service/api/",
	"path": ["spec", "targetRefs", 0],
	"their_path": ["spec", "targetRefs", 1],
	"label": "BackendTLSPolicy shop/other",
	"group": "gateway.networking.k8s.io",
	"kind": "BackendTLSPolicy",
	"namespace": "shop",
	"name": "other",
	"object": {},
	"age": "unknown",
}

refs := {"policy-target": [
	{"path": ["spec", "targetRefs", 0], "label": "Service shop/api"},
	{"path": ["spec", "targetRefs", 1], "label": "Service shop/web"},
]}

test_finding if {
	findings := rule.findings with input as {"id": {"namespace": "shop"}, "object": {}, "refs": refs, "peers": {"target": [peer]}}
	findings == {{
		"path": ["spec", "targetRefs", 0],
		"message": "BackendTLSPolicy shop/other names it too",
		"effect": "only the older of two policies for Service shop/api is in force",
		"remedy": "merge the two, or give each a sectionName of its own",
		"severity": "error",
		"related": [{
			"group": "gateway.networking.k8s.io",
			"kind": "BackendTLSPolicy",
			"namespace": "shop",
			"name": "other",
			"path": ["spec", "targetRefs", 1],
			"message": "the other policy",
		}],
	}}
}

test_targets[name] if {
	some name, case in {
		"the other is older": {"peers": [object.union(peer, {"age": "older"})], "want": 1},
		"the other is newer, and loses": {"peers": [object.union(peer, {"age": "newer"})], "want": 0},
		"two targets shared": {"peers": [peer, object.union(peer, {"path": ["spec", "targetRefs", 1]})], "want": 2},
		"two others": {"peers": [peer, object.union(peer, {"name": "third", "label": "BackendTLSPolicy shop/third"})], "want": 2},
		"a target without a name": {"peers": [object.union(peer, {"path": ["spec", "targetRefs", 2]})], "want": 0},
		"nobody else": {"peers": [], "want": 0},
	}
	findings := rule.findings with input as {"id": {"namespace": "shop"}, "object": {}, "refs": refs, "peers": {"target": case.peers}}
	count(findings) == case.want
}

test_section[name] if {
	some name, case in {
		"named": {"target": {"sectionName": "https"}, "want": "only the older of two policies for section https of Service shop/api is in force"},
		"empty": {"target": {"sectionName": ""}, "want": "only the older of two policies for Service shop/api is in force"},
		"none": {"target": {}, "want": "only the older of two policies for Service shop/api is in force"},
	}
	object := {"spec": {"targetRefs": [case.target]}}
	findings := rule.findings with input as {"id": {"namespace": "shop"}, "object": object, "refs": refs, "peers": {"target": [peer]}}
	{f.effect | some f in findings} == {case.want}
}

test_unset_namespace if {
	findings := rule.findings with input as {"id": {"namespace": ""}, "object": {}, "refs": refs, "peers": {"target": [peer]}}
	{f.severity | some f in findings} == {"warning"}
}

test_kong if {
	findings := rule.findings with input as {"id": {"namespace": "shop"}, "object": {}, "refs": refs, "peers": {"target": [peer]}, "controllers": {"kong": {}}}
	count(findings) == 0
	others := rule.findings with input as {"id": {"namespace": "shop"}, "object": {}, "refs": refs, "peers": {"target": [peer]}, "controllers": {"kong": {}, "istio": {}}}
	count(others) == 1
}

test_switched_off if {
	off := object.union(peer, {"object": {"metadata": {"annotations": {"istio.io/ignore-policy-attachment": "true"}}}})
	findings := rule.findings with input as {"id": {"namespace": "shop"}, "object": {}, "refs": refs, "peers": {"target": [off]}, "controllers": {"istio": {}}}
	count(findings) == 0
	others := rule.findings with input as {"id": {"namespace": "shop"}, "object": {}, "refs": refs, "peers": {"target": [off]}, "controllers": {"traefik": {}}}
	count(others) == 1
}
