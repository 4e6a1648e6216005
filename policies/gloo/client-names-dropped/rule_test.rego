package policies.gloo["client-names-dropped_test"]

import data.policies.gloo["client-names-dropped"] as rule

judge(config, settings) := findings if {
	findings := rule.findings with input as {
		"id": {"group": "", "version": "v1", "kind": "VirtualService", "namespace": "shop", "name": "web", "label": "VirtualService shop/web"},
		"object": {"spec": {"sslConfig": config}},
		"peers": {"settings": [{
			"label": "Settings gloo-system/default", "group": "gloo.solo.io", "kind": "Settings",
			"namespace": "gloo-system", "name": "default", "object": {"spec": settings},
		}]},
	}
}

global(value) := {"gateway": {"virtualServiceOptions": {"oneWayTls": value}}}

test_messages[name] if {
	some name, case in {
		"names": {"config": {"oneWayTls": true, "verifySubjectAltName": ["a"]}, "settings": {}, "want": {"oneWayTls drops verifySubjectAltName"}},
		"sds": {"config": {"oneWayTls": true, "sds": {"validationContextName": "a"}}, "settings": {}, "want": {"oneWayTls drops validationContextName"}},
		"by Settings": {
			"config": {"verifySubjectAltName": ["a"]},
			"settings": global(true),
			"want": {"oneWayTls of Settings gloo-system/default drops verifySubjectAltName"},
		},
		"against Settings": {"config": {"oneWayTls": false, "verifySubjectAltName": ["a"]}, "settings": global(true), "want": set()},
		"one way on purpose": {"config": {"oneWayTls": true}, "settings": {}, "want": set()},
		"mutual": {"config": {"verifySubjectAltName": ["a"]}, "settings": global(false), "want": set()},
	}
	{f.message | some f in judge(case.config, case.settings)} == case.want
}
