package policies.istio["destination-rule-mode-missing_test"]

import data.policies.istio["destination-rule-mode-missing"] as rule

judge(spec) := findings if {
	findings := rule.findings with input as {"object": {"spec": object.union({"host": "db"}, spec)}}
}

test_remedy[name] if {
	some name, case in {
		"a CA": {"tls": {"caCertificates": "/ca"}, "want": "set mode to SIMPLE"},
		"a certificate": {"tls": {"clientCertificate": "/c", "privateKey": "/k", "caCertificates": "/ca"}, "want": "set mode to MUTUAL"},
		"half a pair": {"tls": {"clientCertificate": "/c"}, "want": open},
		"blank": {"tls": {"credentialName": "", "caCertificates": ""}, "want": open},
		"an empty mode": {"tls": {"mode": "", "caCertificates": "/ca"}, "want": "set mode to SIMPLE"},
	}
	{f.remedy | some f in judge({"trafficPolicy": {"tls": case.tls}})} == {case.want}
}

open := "set mode: SIMPLE to verify the server, MUTUAL to show it a certificate too, DISABLE if plain text is meant"

test_silent[name] if {
	some name, tls in {"none": null, "set": {"mode": "SIMPLE"}, "off": {"mode": "DISABLE"}}
	count(judge({"trafficPolicy": {"tls": tls}})) == 0
}

test_credential if {
	{f.remedy | some f in judge({"trafficPolicy": {"tls": {"credentialName": "db"}}})} == {"set mode to SIMPLE, or to MUTUAL if the Secret holds a client certificate too"}
}

test_places if {
	findings := judge({
		"trafficPolicy": {"tls": {"mode": "SIMPLE"}, "portLevelSettings": [{"port": {"number": 443}, "tls": {}}]},
		"subsets": [
			{"name": "v1", "trafficPolicy": {"tls": {}, "portLevelSettings": [{"port": {"number": 80}, "tls": {}}]}},
			{"name": "v2"},
		],
	})
	{[f.path, f.effect] | some f in findings} == {
		[["spec", "trafficPolicy", "portLevelSettings", 0, "tls"], "requests to port 443 of db are sent unencrypted"],
		[["spec", "subsets", 0, "trafficPolicy", "tls"], "requests to subset v1 of db are sent unencrypted"],
		[["spec", "subsets", 0, "trafficPolicy", "portLevelSettings", 0, "tls"], "requests to port 80 of subset v1 of db are sent unencrypted"],
	}
}

test_inject[name] if {
	some name, case in {
		"a CA": {"tls": {"caCertificates": "/ca"}, "inject": "always", "want": {"SIMPLE"}},
		"a certificate": {"tls": {"clientCertificate": "/c", "privateKey": "/k"}, "inject": "always", "want": {"MUTUAL"}},
		"not asked for": {"tls": {"caCertificates": "/ca"}, "inject": "never", "want": set()},
		"a credential": {"tls": {"credentialName": "db"}, "inject": "always", "want": set()},
		"nothing": {"tls": {}, "inject": "always", "want": set()},
	}
	findings := rule.findings with input as {
		"object": {"spec": {"host": "db", "trafficPolicy": {"tls": case.tls}}},
		"params": {"istio/destination-rule-mode-missing": {"inject": case.inject}},
	}
	{edit.value | some f in findings; some edit in f.fix.edits} == case.want
}
