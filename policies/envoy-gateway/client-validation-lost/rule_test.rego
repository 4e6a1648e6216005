package policies["envoy-gateway"]["client-validation-lost_test"]

import data.policies["envoy-gateway"]["client-validation-lost"] as rule

validation := {"clientValidation": {"caCertificateRefs": [{"name": "client-ca"}]}}

wide(spec) := {
	"path": ["spec", "targetRefs", 0],
	"label": "ClientTrafficPolicy shop/clients",
	"object": {"spec": object.union({"tls": validation}, spec)},
}

edge(listener, frontend) := {
	"path": ["spec", "targetRefs", 0],
	"object": {"spec": {"listeners": [listener], "tls": {"frontend": frontend}}},
}

https := {"name": "web", "port": 443, "protocol": "HTTPS"}

narrow := {"spec": {"targetRefs": [{"kind": "Gateway", "name": "edge", "sectionName": "web"}], "tls": {"minVersion": "1.3"}}}

judge(own, policy, gateways) := {[f.effect, f.message] | some f in findings} if {
	findings := rule.findings with input as {"object": own, "peers": {"client-policy": [policy], "policy-gateway": gateways}}
}

lost := {["clients of listener web are not asked for a certificate", "this policy replaces ClientTrafficPolicy shop/clients as a whole, and has no clientValidation"]}

test_verdict[name] if {
	some name, case in {
		"the Gateway is not in sight": {"own": narrow, "policy": wide({"targetRefs": [{"name": "edge"}]}), "gateways": [], "want": lost},
		"an old field": {"own": narrow, "policy": wide({"targetRef": {"kind": "Gateway", "name": "edge"}}), "gateways": [edge(https, {})], "want": lost},
		"the other is for another listener": {"own": narrow, "policy": wide({"targetRefs": [{"name": "edge", "sectionName": "api"}]}), "gateways": [], "want": set()},
		"the other is for another Gateway as a whole": {
			"own": narrow,
			"policy": wide({"targetRefs": [{"name": "edge", "sectionName": "api"}, {"name": "internal"}]}),
			"gateways": [],
			"want": set(),
		},
		"the listener ends no TLS": {
			"own": narrow,
			"policy": wide({"targetRefs": [{"name": "edge"}]}),
			"gateways": [edge({"name": "web", "port": 80, "protocol": "HTTP"}, {})],
			"want": set(),
		},
		"the Gateway asks itself": {
			"own": narrow,
			"policy": wide({"targetRefs": [{"name": "edge"}]}),
			"gateways": [edge(https, {"default": {"validation": {}}})],
			"want": set(),
		},
		"it asks too": {"own": object.union(narrow, {"spec": {"tls": validation}}), "policy": wide({"targetRefs": [{"name": "edge"}]}), "gateways": [], "want": set()},
		"it is for the whole Gateway": {
			"own": {"spec": {"targetRefs": [{"name": "edge"}]}},
			"policy": wide({"targetRefs": [{"name": "edge"}]}),
			"gateways": [],
			"want": set(),
		},
	}
	judge(case.own, case.policy, case.gateways) == case.want
}
