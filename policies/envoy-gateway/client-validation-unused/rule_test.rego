package policies["envoy-gateway"]["client-validation-unused_test"]

import data.policies["envoy-gateway"]["client-validation-unused"] as rule

policy(target) := {"spec": {"targetRefs": [target], "tls": {"clientValidation": {}}}}

edge(spec) := {"path": ["spec", "targetRefs", 0], "label": "Gateway shop/edge", "object": {"spec": spec}}

listeners := [
	{"name": "web", "protocol": "HTTPS"},
	{"name": "plain", "protocol": "HTTP"},
	{"name": "raw", "protocol": "TLS", "tls": {"mode": "Passthrough"}},
]

test_verdict[name] if {
	some name, case in {
		"no such listener": {
			"target": {"name": "edge", "sectionName": "https"},
			"spec": {"listeners": listeners},
			"want": {["error", "this policy is not in force, and nobody is asked for a certificate by it", "Gateway shop/edge has no listener https"]},
		},
		"one of HTTP": {
			"target": {"name": "edge", "sectionName": "plain"},
			"spec": {"listeners": listeners},
			"want": {["warning", "clients of listener plain are not asked for a certificate", "listener plain of Gateway shop/edge ends no TLS"]},
		},
		"one that passes through": {
			"target": {"name": "edge", "sectionName": "raw"},
			"spec": {"listeners": listeners},
			"want": {["warning", "clients of listener raw are not asked for a certificate", "listener raw of Gateway shop/edge ends no TLS"]},
		},
		"one of HTTPS": {"target": {"name": "edge", "sectionName": "web"}, "spec": {"listeners": listeners}, "want": set()},
		"all": {"target": {"name": "edge"}, "spec": {"listeners": listeners}, "want": set()},
		"all of them without TLS": {
			"target": {"name": "edge"},
			"spec": {"listeners": [listeners[1], listeners[2]]},
			"want": {["warning", "nobody is asked for a certificate", "no listener of Gateway shop/edge ends TLS"]},
		},
		"and ListenerSets": {
			"target": {"name": "edge"},
			"spec": {"listeners": [listeners[1]], "allowedListeners": {"namespaces": {"from": "All"}}},
			"want": set(),
		},
	}
	findings := rule.findings with input as {"object": policy(case.target), "peers": {"policy-gateway": [edge(case.spec)]}}
	{[object.get(f, "severity", "error"), f.effect, f.message] | some f in findings} == case.want
}
