package policies["gateway-api"]["client-validation-off-for-port_test"]

import data.policies["gateway-api"]["client-validation-off-for-port"] as rule

validation := {"caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "client-ca"}]}

gateway(standard, entries, listeners) := {"spec": {
	"tls": {"frontend": {"default": standard, "perPort": entries}},
	"listeners": listeners,
}}

https(port, hostname) := {"name": "web", "port": port, "protocol": "HTTPS", "hostname": hostname}

test_verdict[name] if {
	some name, case in {
		"the only listener": {
			"entries": [{"port": 443, "tls": {}}],
			"listeners": [https(443, "www.shop.test")],
			"want": {[0, "error", "clients of www.shop.test are not asked for a certificate on port 443"]},
		},
		"no tls at all": {
			"entries": [{"port": 443}],
			"listeners": [{"name": "web", "port": 443, "protocol": "HTTPS"}],
			"want": {[0, "error", "clients of listener web are not asked for a certificate on port 443"]},
		},
		"a host on both ports": {
			"entries": [{"port": 8443, "tls": {}}],
			"listeners": [https(443, "www.shop.test"), https(8443, "*.shop.test")],
			"want": {[0, "error", "clients of *.shop.test are not asked for a certificate on port 8443, though they are on port 443"]},
		},
		"hosts of its own": {
			"entries": [{"port": 9443, "tls": {"validation": validation}}, {"port": 8443, "tls": {}}],
			"listeners": [https(9443, "www.shop.test"), https(8443, "public.shop.test")],
			"want": {[1, "warning", "clients of public.shop.test are not asked for a certificate on port 8443"]},
		},
		"no listener there": {"entries": [{"port": 8443, "tls": {}}], "listeners": [https(443, "www.shop.test")], "want": set()},
		"one of another protocol": {
			"entries": [{"port": 443, "tls": {}}],
			"listeners": [{"name": "db", "port": 443, "protocol": "TLS"}],
			"want": set(),
		},
		"a validation of its own": {
			"entries": [{"port": 443, "tls": {"validation": validation}}],
			"listeners": [https(443, "www.shop.test")],
			"want": set(),
		},
	}
	findings := rule.findings with input as {"object": gateway({"validation": validation}, case.entries, case.listeners)}
	{[f.path[4], f.severity, f.effect] | some f in findings} == case.want
}

test_nothing_is_switched_off if {
	findings := rule.findings with input as {"object": gateway({}, [{"port": 443, "tls": {}}], [https(443, "www.shop.test")])}
	count(findings) == 0
}

test_listener_set if {
	findings := rule.findings with input as {
		"object": gateway({"validation": validation}, [{"port": 443, "tls": {}}], []),
		"peers": {"listener-set": [{"object": {"spec": {"listeners": [https(443, "www.shop.test")]}}}]},
	}
	{f.message | some f in findings} == {"its tls has no validation, which replaces the default for port 443"}
}

test_passed_over if {
	findings := rule.findings with input as {
		"controllers": {"nginx-gateway-fabric": {"certainty": "known", "reason": ""}},
		"object": gateway({"validation": validation}, [{"port": 443, "tls": {}}], [https(443, "www.shop.test")]),
	}
	count(findings) == 0
}
