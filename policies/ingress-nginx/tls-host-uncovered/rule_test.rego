package policies["ingress-nginx"]["tls-host-uncovered_test"]

import data.policies["ingress-nginx"]["tls-host-uncovered"] as rule

judge(case) := {[f.severity, f.message] | some f in findings} if {
	document := {
		"object": {
			"metadata": {"annotations": {sprintf("nginx.ingress.kubernetes.io/%s", [name]): value | some name, value in object.get(case, "annotations", {})}},
			"spec": {"tls": case.tls, "rules": [{"host": "api.shop.test"}, {"http": {}}]},
		},
		"refs": {"server-certificate": object.get(case, "refs", [])},
		"certificates": object.get(case, "certificates", {}),
		"peers": {"host": object.get(case, "peers", [])},
	}
	findings := rule.findings with input as document
}

www := [{"hosts": ["www.shop.test"], "secretName": "www-tls"}]

ref(presence, certificates) := {
	"path": ["spec", "tls", 0, "secretName"],
	"presence": presence,
	"content": {"certificates": certificates},
}

test_not_in_sight if {
	judge({"tls": www}) == {["warning", "no entry of spec.tls lists api.shop.test, and its certificates are for other hosts, as far as one can see"]}
}

test_known[name] if {
	some name, case in {
		"in sight": {"tls": www, "refs": [ref("present", ["c"])], "certificates": {"c": {"dns_names": ["www.shop.test"]}}},
		"no names": {"tls": www, "refs": [ref("present", ["c"])], "certificates": {"c": {"subject": "CN=api.shop.test"}}},
		"a wildcard whose certificate is for less": {
			"tls": [{"hosts": ["*.shop.test"], "secretName": "www-tls"}],
			"refs": [ref("present", ["c"])],
			"certificates": {"c": {"dns_names": ["www.shop.test"]}},
		},
		"made by cert-manager": {"tls": www, "refs": [ref("promised", [])]},
	}
	judge(case) == {["error", "no entry of spec.tls lists api.shop.test, and none of its certificates is for it"]}
}

test_silent[name] if {
	some name, case in {
		"listed": {"tls": [{"hosts": ["api.shop.test"], "secretName": "api-tls"}]},
		"listed without a Secret": {"tls": [{"hosts": ["api.shop.test"]}, {"hosts": ["www.shop.test"], "secretName": "www-tls"}]},
		"by default": {"tls": [{"hosts": ["www.shop.test"]}]},
		"no TLS": {"tls": []},
		"every host": {"tls": [{"secretName": "any"}]},
		"a wildcard": {"tls": [{"hosts": ["*.shop.test"], "secretName": "any"}]},
		"a certificate in sight": {"tls": www, "refs": [ref("present", ["c"])], "certificates": {"c": {"dns_names": ["*.shop.test"]}}},
		"its own name in a certificate": {"tls": www, "refs": [ref("present", ["c"])], "certificates": {"c": {"dns_names": ["API.shop.test"]}}},
		"a canary": {"tls": www, "annotations": {"canary": "true"}},
		"passthrough": {"tls": www, "annotations": {"ssl-passthrough": "true"}},
		"another Ingress": {"tls": www, "peers": [{"key": "api.shop.test", "object": {"spec": {"tls": [{"hosts": ["api.shop.test"], "secretName": "api-tls"}]}}}]},
	}
	judge(case) == set()
}

wildcard := [{"hosts": ["*.shop.test"], "secretName": "wildcard-tls"}]

test_older_one_decides[name] if {
	some name, case in {
		"older": {"age": "older", "annotations": {}, "want": 0},
		"newer": {"age": "newer", "annotations": {}, "want": 1},
		"not known": {"age": "unknown", "annotations": {}, "want": 1},
		"a canary": {"age": "older", "annotations": {"nginx.ingress.kubernetes.io/canary": "true"}, "want": 1},
	}
	other := {"key": "api.shop.test", "age": case.age, "object": {"metadata": {"annotations": case.annotations}, "spec": {"tls": wildcard}}}
	count(judge({"tls": www, "peers": [other]})) == case.want
}
