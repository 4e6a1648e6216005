package policies["ingress-nginx"]["passthrough-ineffective_test"]

import data.policies["ingress-nginx"]["passthrough-ineffective"] as rule

passthrough := "nginx.ingress.kubernetes.io/ssl-passthrough"

at(path) := {"host": "db.shop.test", "http": {"paths": [path]}}

judge(annotations, rules, peers) := {sprintf("%s, because %s", [f.effect, f.message]) | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"metadata": {"annotations": annotations}, "spec": {"rules": rules}},
		"peers": {"host": [{"key": other.host, "object": {"spec": {"rules": [other]}}} | some other in peers]},
	}
}

closed := "every TLS connection to db.shop.test is closed, because ssl-passthrough leads to the Service of the path / of a host, and no Ingress has that path with the type Prefix"

test_found[name] if {
	some name, case in {
		"a wildcard and no host": {
			"rules": [{"host": "*.shop.test"}, {"http": {}}, at({"path": "/"})],
			"want": "nginx ends TLS for *.shop.test and the catch-all server itself, and clients do not see the backend's certificate, because ssl-passthrough goes by the exact host that a client asks for, and never matches a wildcard or no host",
		},
		"another path": {"rules": [at({"path": "/db"})], "want": closed},
		"exactly the root": {"rules": [at({"path": "/", "pathType": "Exact"})], "want": closed},
		"no path": {"rules": [{"host": "db.shop.test"}], "want": closed},
		"another path, and a peer with another": {"rules": [at({"path": "/db"})], "peers": [at({"path": "/x"})], "want": closed},
	}
	judge({passthrough: "true"}, case.rules, object.get(case, "peers", [])) == {case.want}
}

test_silent[name] if {
	some name, case in {
		"the root": {"annotations": {passthrough: "true"}, "rules": [at({"path": "/", "pathType": "Prefix"})]},
		"a peer has the root": {
			"annotations": {passthrough: "true"},
			"rules": [at({"path": "/db"})],
			"peers": [at({"path": "/"})],
		},
		"off": {"annotations": {passthrough: "false"}, "rules": [{"host": "*.shop.test"}]},
		"a canary": {
			"annotations": {passthrough: "true", "nginx.ingress.kubernetes.io/canary": "true"},
			"rules": [{"host": "*.shop.test"}, at({"path": "/db"})],
		},
	}
	judge(case.annotations, case.rules, object.get(case, "peers", [])) == set()
}

test_peers_were_cut_off if {
	findings := rule.findings with input as {
		"object": {"metadata": {"annotations": {passthrough: "true"}}, "spec": {"rules": [at({"path": "/db"})]}},
		"truncated": ["host"],
	}
	count(findings) == 0
}

without_flag := {"ingress-nginx": {"enable-ssl-passthrough": {"value": "false", "certainty": "known", "reason": "the config says so"}}}

test_without_the_flag if {
	findings := rule.findings with input as {
		"object": {"metadata": {"annotations": {passthrough: "true"}}, "spec": {"rules": [{"host": "*.shop.test"}, at({"path": "/db"})]}},
		"settings": without_flag,
	}
	{f.message | some f in findings} == {"ssl-passthrough needs a controller with --enable-ssl-passthrough: the config says so"}
}
