package policies["gateway-api"]["backend-roots-private-host_test"]

import data.policies["gateway-api"]["backend-roots-private-host"] as rule

judge(validation) := findings if {
	findings := rule.findings with input as {"object": {"spec": {"validation": validation}}, "refs": {"policy-target": [{"label": "Service shop/api"}]}}
}

test_finding if {
	judge({"hostname": "api.shop.svc", "wellKnownCACertificates": "System"}) == {{
		"path": ["spec", "validation", "wellKnownCACertificates"],
		"message": "no public CA signs api.shop.svc",
		"effect": "requests to Service shop/api fail with 5xx",
		"remedy": "put the CA that signed the backend's certificate into a ConfigMap under ca.crt, and refer to it by caCertificateRefs",
	}}
}

test_private[name] if {
	some name in ["api.shop.svc", "api.shop.svc.cluster.local", "printer.local", "api.corp.internal", "api"]
	count(judge({"hostname": name, "wellKnownCACertificates": "System"})) == 1
}

test_silent[name] if {
	some name, validation in {
		"a public name": {"hostname": "api.partner.test", "wellKnownCACertificates": "System"},
		"no name": {"hostname": "", "wellKnownCACertificates": "System"},
		"their own roots": {"hostname": "api.shop.svc", "wellKnownCACertificates": "shop.test/roots"},
		"their own CA": {"hostname": "api.shop.svc", "caCertificateRefs": [{"name": "ca"}]},
		"other names are verified": {"hostname": "api.shop.svc", "wellKnownCACertificates": "System", "subjectAltNames": [{"type": "Hostname", "hostname": "api.shop.test"}]},
	}
	judge(validation) == set()
}

# Where nobody reads System, no connection fails for it.
test_controllers[name] if {
	some name, case in {
		"one that verifies": {"controllers": {"envoy-gateway": {}}, "want": 1},
		"one that does not": {"controllers": {"cilium": {}}, "want": 0},
		"one of each": {"controllers": {"cilium": {}, "istio": {}}, "want": 1},
		"nobody knows": {"controllers": {}, "want": 1},
	}
	validation := {"hostname": "api.shop.svc", "wellKnownCACertificates": "System"}
	findings := rule.findings with input as {
		"object": {"spec": {"validation": validation}},
		"refs": {"policy-target": [{"label": "Service shop/api"}]},
		"controllers": {controller: {"certainty": "known", "reason": "its class"} | some controller, _ in case.controllers},
	}
	count(findings) == case.want
}
