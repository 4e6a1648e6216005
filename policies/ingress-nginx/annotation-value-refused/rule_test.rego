package policies["ingress-nginx"]["annotation-value-refused_test"]

import data.policies["ingress-nginx"]["annotation-value-refused"] as rule

prefix := "nginx.ingress.kubernetes.io/"

findings(annotations, refs) := found if {
	document := {
		"object": {
			"metadata": {"annotations": {sprintf("%s%s", [prefix, name]): value | some name, value in annotations}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refs": refs,
	}
	found := rule.findings with input as document
}

present := {"client-ca": [{"presence": "present"}]}

test_refused[name] if {
	some name, case in {
		"yes": {"name": "ssl-passthrough", "value": "yes", "fix": {"true"}},
		"a blank before it": {"name": "ssl-passthrough", "value": " false", "fix": {"false"}},
		"no boolean at all": {"name": "auth-tls-pass-certificate-to-upstream", "value": "header", "fix": set()},
		"no CN": {"name": "auth-tls-match-cn", "value": "admin", "fix": set()},
		"no expression": {"name": "auth-tls-match-cn", "value": "CN=(admin", "fix": set()},
		"a query": {"name": "auth-tls-error-page", "value": "https://shop.test/error?code=1", "fix": set()},
		"a character that no Secret has": {"name": "auth-tls-secret", "value": "shop/ca#1", "fix": set()},
		"one for backends": {"name": "proxy-ssl-secret", "value": "shop/\"ca\"", "fix": set()},
		"commas": {"name": "ssl-ciphers", "value": "HIGH,!aNULL", "fix": set()},
	}
	{[f.path[2], {edit.value | some edit in f.fix.edits}] | some f in findings({case.name: case.value}, present)} | {[f.path[2], set()] | some f in findings({case.name: case.value}, present); not f.fix} == {[sprintf("%s%s", [prefix, case.name]), case.fix]}
}

test_says if {
	{[f.message, f.effect] | some f in findings({"ssl-passthrough": "on"}, {})} == {[
		"ingress-nginx refuses \"on\" here: it wants \"true\" or \"false\"",
		"ingress-nginx serves nothing of this Ingress at api.shop.test, or what it last accepted",
	]}
}

test_silent[name] if {
	some name, case in {
		"a boolean of Go": {"annotations": {"ssl-passthrough": "T"}, "refs": {}},
		"a value that nobody set": {"annotations": {"ssl-passthrough": "", "auth-tls-match-cn": ""}, "refs": present},
		"a name to match": {"annotations": {"auth-tls-match-cn": "CN=admin(,|$)"}, "refs": present},
		"an error page": {"annotations": {"auth-tls-error-page": "https://shop.test/error"}, "refs": present},
		"a Secret": {"annotations": {"auth-tls-secret": "shop/client-ca", "proxy-ssl-secret": "shop/upstream_ca"}, "refs": present},
		"ciphers": {"annotations": {"ssl-ciphers": "HIGH:!aNULL:@SECLEVEL=2"}, "refs": {}},
		"a placeholder": {"annotations": {"auth-tls-secret": "${NAMESPACE}/client-ca"}, "refs": {}},
		"no CA": {"annotations": {"auth-tls-match-cn": "admin"}, "refs": {}},
		"a CA that is missing": {"annotations": {"auth-tls-match-cn": "admin"}, "refs": {"client-ca": [{"presence": "absent"}]}},
	}
	findings(case.annotations, case.refs) == set()
}
