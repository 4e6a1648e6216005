package policies["gateway-api"]["client-validation-unused_test"]

import data.policies["gateway-api"]["client-validation-unused"] as rule

validation := {"caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "client-ca"}]}

gateway(frontend, listeners) := {"spec": {"tls": {"frontend": frontend}, "listeners": listeners}}

https := {"name": "web", "port": 443, "protocol": "HTTPS", "hostname": "www.shop.test", "tls": {"certificateRefs": [{"name": "c"}]}}

tls := {"name": "db", "port": 5432, "protocol": "TLS", "tls": {"mode": "Terminate"}}

raw := {"name": "raw", "port": 8443, "protocol": "TLS", "tls": {"mode": "Passthrough"}}

test_verdict[name] if {
	some name, case in {
		"a port without a listener": {
			"object": gateway({"default": {}, "perPort": [{"port": 8443, "tls": {"validation": validation}}]}, [https, raw]),
			"want": {["the client CA of this entry verifies nobody", "no HTTPS listener uses port 8443"]},
		},
		"one that switches off what nobody uses": {
			"object": gateway({"default": {"validation": validation}, "perPort": [{"port": 8443, "tls": {}}]}, [https]),
			"want": set(),
		},
		"no HTTPS listener": {
			"object": gateway({"default": {"validation": validation}}, [tls, raw]),
			"want": {[
				"clients of listener db and clients of listener raw are not asked for a certificate",
				"it holds for HTTPS listeners, and this Gateway has none",
			]},
		},
		"no TLS listener": {
			"object": gateway({"default": {"validation": validation}}, [{"name": "http", "port": 80, "protocol": "HTTP"}]),
			"want": set(),
		},
		"one of protocol TLS beside it": {
			"object": gateway({"default": {"validation": validation}}, [https, tls, raw]),
			"want": {[
				"clients of listener db are not asked for a certificate",
				"spec.tls.frontend holds for HTTPS listeners, and this one is of protocol TLS",
			]},
		},
		"ListenerSets may come": {
			"object": object.union(
				gateway({"default": {"validation": validation}, "perPort": [{"port": 8443, "tls": {"validation": validation}}]}, [tls]),
				{"spec": {"allowedListeners": {"namespaces": {"from": "All"}}}},
			),
			"want": set(),
		},
		"no default": {"object": gateway({"default": {}}, [tls]), "want": set()},
		"no CA at all": {
			"object": gateway({"default": {}}, [https, tls]),
			"want": {["clients of www.shop.test are not asked for a certificate", "it has no validation, and no port has one"]},
		},
		"none for a port either": {
			"object": gateway({"default": {}, "perPort": [{"port": 443, "tls": {}}]}, [https]),
			"want": {["clients of www.shop.test are not asked for a certificate", "it has no validation, and no port has one"]},
		},
		"one for a port": {
			"object": gateway({"default": {}, "perPort": [{"port": 443, "tls": {"validation": validation}}]}, [https]),
			"want": set(),
		},
	}
	findings := rule.findings with input as {"object": case.object}
	{[f.effect, f.message] | some f in findings} == case.want
}

test_by_policy[name] if {
	some name, case in {
		"of the listener": {"spec": {"targetRef": {"name": "edge", "sectionName": "db"}}, "want": 0},
		"of the Gateway": {"spec": {"targetRefs": [{"name": "edge"}]}, "want": 0},
		"of another listener": {"spec": {"targetRefs": [{"name": "edge", "sectionName": "web"}]}, "want": 1},
	}
	findings := rule.findings with input as {
		"object": gateway({"default": {"validation": validation}}, [https, tls]),
		"peers": {"client-policy": [{"object": {"spec": object.union(case.spec, {"tls": {"clientValidation": validation}})}}]},
	}
	count(findings) == case.want
}
