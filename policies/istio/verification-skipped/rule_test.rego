package policies.istio["verification-skipped_test"]

import data.policies.istio["verification-skipped"] as rule

gateway(tls) := findings if {
	findings := rule.findings with input as {"object": {"spec": {"servers": [{"hosts": ["web.shop.test"], "tls": tls}]}}}
}

test_gateway if {
	gateway({"mode": "MUTUAL", "insecureSkipVerify": true}) == {{
		"path": ["spec", "servers", 0, "tls", "insecureSkipVerify"],
		"message": "insecureSkipVerify takes certificates of any issuer",
		"effect": "requests to web.shop.test reach backends with a certificate that anybody made",
		"remedy": "remove insecureSkipVerify, and have clients' certificates signed by the CA",
	}}
}

test_gateway_silent[name] if {
	some name, tls in {
		"off": {"mode": "MUTUAL", "insecureSkipVerify": false},
		"nobody is asked": {"mode": "SIMPLE", "insecureSkipVerify": true},
	}
	gateway(tls) == set()
}

skipped := {"mode": "SIMPLE", "insecureSkipVerify": true}

test_destination[name] if {
	some name, case in {
		"for all": {"spec": {"trafficPolicy": {"tls": skipped}}, "want": ["spec", "trafficPolicy", "tls", "insecureSkipVerify"]},
		"for a port": {"spec": {"trafficPolicy": {"portLevelSettings": [{"tls": skipped}]}}, "want": ["spec", "trafficPolicy", "portLevelSettings", 0, "tls", "insecureSkipVerify"]},
		"for a subset": {"spec": {"subsets": [{"trafficPolicy": {"tls": skipped}}]}, "want": ["spec", "subsets", 0, "trafficPolicy", "tls", "insecureSkipVerify"]},
		"for its port": {"spec": {"subsets": [{"trafficPolicy": {"portLevelSettings": [{"tls": skipped}]}}]}, "want": ["spec", "subsets", 0, "trafficPolicy", "portLevelSettings", 0, "tls", "insecureSkipVerify"]},
	}
	findings := rule.findings with input as {"object": {"spec": object.union({"host": "db.test"}, case.spec)}}
	{[f.path, f.effect] | some f in findings} == {[case.want, "requests to db.test can be read and answered by whoever gets in between"]}
}

test_destination_silent if {
	findings := rule.findings with input as {"object": {"spec": {"host": "db.test", "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL", "insecureSkipVerify": true}}}}}
	findings == set()
}
