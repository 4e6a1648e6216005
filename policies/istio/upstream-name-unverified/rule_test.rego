package policies.istio["upstream-name-unverified_test"]

import data.policies.istio["upstream-name-unverified"] as rule

judge(tls, entries) := {[f.path[count(f.path) - 1], f.effect] | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": {"host": "db", "trafficPolicy": {"tls": tls}}},
		"refs": {},
		"peers": {"service-entry": entries},
	}
}

entry(spec) := {
	"label": "ServiceEntry shop/db",
	"group": "networking.istio.io",
	"kind": "ServiceEntry",
	"namespace": "shop",
	"name": "db",
	"their_path": ["spec", "hosts", 0],
	"object": {"spec": spec},
}

public := "whoever answers for db is believed with a certificate of any public CA"

own := "whoever answers for db is believed with any certificate of its CA"

tcp := entry({"ports": [{"protocol": "TCP"}, {"protocol": "mongo"}]})

test_rule[name] if {
	some name, case in {
		"sni": {"tls": {"mode": "SIMPLE", "sni": "db"}, "entries": [], "want": {["sni", public]}},
		"sni, and the system's CAs": {"tls": {"mode": "SIMPLE", "sni": "db", "caCertificates": "system"}, "entries": [], "want": {["sni", public]}},
		"sni, and a CA": {"tls": {"mode": "SIMPLE", "sni": "db", "caCertificates": "/ca"}, "entries": [], "want": {["sni", own]}},
		"sni, and a credential": {"tls": {"mode": "MUTUAL", "sni": "db", "credentialName": "db"}, "entries": [], "want": {["sni", own]}},
		"names": {"tls": {"mode": "SIMPLE", "sni": "db", "subjectAltNames": ["db"]}, "entries": [], "want": set()},
		"no sni": {"tls": {"mode": "SIMPLE"}, "entries": [], "want": set()},
		"the mesh's": {"tls": {"mode": "ISTIO_MUTUAL", "sni": "db"}, "entries": [], "want": set()},
		"not verified at all": {"tls": {"mode": "SIMPLE", "sni": "db", "insecureSkipVerify": true}, "entries": [], "want": set()},
		"a variable": {"tls": {"mode": "SIMPLE", "sni": "${DB}"}, "entries": [], "want": set()},
		"named by the entry": {"tls": {"mode": "SIMPLE", "sni": "db"}, "entries": [entry({"subjectAltNames": ["db"]})], "want": set()},
		"TCP": {"tls": {"mode": "SIMPLE", "caCertificates": "/ca"}, "entries": [tcp], "want": {["tls", own]}},
		"TCP, and names": {"tls": {"mode": "SIMPLE", "subjectAltNames": ["db"]}, "entries": [tcp], "want": set()},
		"TCP and HTTP": {"tls": {"mode": "SIMPLE"}, "entries": [entry({"ports": [{"protocol": "TCP"}, {"protocol": "HTTP"}]})], "want": set()},
		"no ports": {"tls": {"mode": "SIMPLE"}, "entries": [entry({"ports": []})], "want": set()},
	}
	judge(case.tls, case.entries) == case.want
}

test_policy[name] if {
	some name, case in {
		"public": {"validation": {"wellKnownCACertificates": "System", "hostname": "db.test"}, "annotations": {}, "want": {"its target is believed with a certificate of any public CA"}},
		"own": {"validation": {"hostname": "db.test"}, "annotations": {}, "want": set()},
		"names": {"validation": {"wellKnownCACertificates": "System", "hostname": "db.test", "subjectAltNames": [{}]}, "annotations": {}, "want": set()},
		"switched off": {"validation": {"wellKnownCACertificates": "System", "hostname": "db.test"}, "annotations": {"istio.io/ignore-policy-attachment": "true"}, "want": set()},
	}
	findings := rule.findings with input as {
		"object": {"metadata": {"annotations": case.annotations}, "spec": {"validation": case.validation}},
		"refs": {},
	}
	{f.effect | some f in findings} == case.want
}
