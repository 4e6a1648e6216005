package policies["gateway-api"]["backend-policy-group_test"]

import data.policies["gateway-api"]["backend-policy-group"] as rule

path := ["spec", "validation", "caCertificateRefs", 0]

judge(cas, targets, controllers) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {
			"targetRefs": [{"group": target.group, "name": "api"} | some target in targets],
			"validation": {"caCertificateRefs": [{"group": ca.group, "name": "api"} | some ca in cas]},
		}},
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"backend-ca": cas, "policy-target": targets},
	}
}

service := {"path": ["spec", "targetRefs", 0], "group": "", "kind": "Service", "name": "api", "label": "Service shop/api"}

ca(group) := {"path": path, "group": group, "kind": "ConfigMap"}

test_finding if {
	judge([ca("core")], [service], ["cilium"]) == {{
		"path": array.concat(path, ["group"]),
		"message": "the group of a ConfigMap is \"\", not \"core\"",
		"effect": "requests to Service shop/api fail with 5xx",
		"remedy": "set group to \"\"",
		"severity": "error",
		"fix": {
			"title": "set group to \"\"",
			"safe": true,
			"edits": [{"op": "set", "path": array.concat(path, ["group"]), "value": ""}],
		},
	}}
}

test_severity[name] if {
	some name, case in {
		"taken": {"group": "core", "controllers": ["istio"], "want": {["info", "another controller may find no such object"]}},
		"taken by one of two": {"group": "core", "controllers": ["istio", "cilium"], "want": {["error", "requests to Service shop/api fail with 5xx"]}},
		"a version, not looked at": {"group": "v1", "controllers": ["envoy-gateway"], "want": {["info", "another controller may find no such object"]}},
		"a version": {"group": "v1", "controllers": ["istio"], "want": {["error", "requests to Service shop/api fail with 5xx"]}},
		"nobody known": {"group": "core", "controllers": ["example.com/own"], "want": {["warning", "requests to Service shop/api fail with 5xx with controllers that find no such object"]}},
		"right": {"group": "", "controllers": ["cilium"], "want": set()},
		"another group": {"group": "trust.cert-manager.io", "controllers": ["cilium"], "want": set()},
	}
	{[f.severity, f.effect] | some f in judge([ca(case.group)], [service], case.controllers)} == case.want
}

target(group) := object.union(service, {"group": group})

test_target[name] if {
	some name, case in {
		"nobody known": {"group": "core", "controllers": [], "want": {["warning", "Envoy Gateway, Cilium and kgateway send requests to Service api unencrypted"]}},
		"passed over": {"group": "core", "controllers": ["cilium", "istio"], "want": {["error", "Cilium sends requests to Service api unencrypted"]}},
		"taken": {"group": "core", "controllers": ["kong"], "want": {["info", "another controller may send requests to Service api unencrypted"]}},
		"a version, nobody known": {"group": "v1", "controllers": [], "want": {["warning", "Envoy Gateway, Cilium and kgateway send requests to Service api unencrypted"]}},
		"a version, not known how it is taken": {"group": "v1", "controllers": ["kong"], "want": set()},
		"right": {"group": "", "controllers": ["cilium"], "want": set()},
	}
	{[f.severity, f.effect] | some f in judge([], [target(case.group)], case.controllers)} == case.want
}

test_target_path if {
	{f.path | some f in judge([], [target("core")], [])} == {["spec", "targetRefs", 0, "group"]}
	judge([], [object.union(service, {"group": "core", "kind": "Backend"})], []) == set()
}
