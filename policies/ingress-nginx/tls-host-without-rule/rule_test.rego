package policies["ingress-nginx"]["tls-host-without-rule_test"]

import data.policies["ingress-nginx"]["tls-host-without-rule"] as rule

judge(annotations, listed, rules) := {f.message | some f in findings} if {
	document := {"object": {"metadata": {"annotations": annotations}, "spec": {"tls": [{"hosts": listed}], "rules": rules}}}
	findings := rule.findings with input as document
}

api := [{"host": "api.shop.test"}]

test_found if judge({}, ["api.shop.test", "ap.shop.test"], api) == {"no rule of this Ingress is for ap.shop.test"}

test_silent[name] if {
	some name, case in {
		"all have one": {"annotations": {}, "listed": ["API.shop.test"], "rules": api},
		"a wildcard": {"annotations": {}, "listed": ["*.shop.test"], "rules": api},
		"the domain beside its wildcard": {"annotations": {}, "listed": ["shop.test", "*.shop.test"], "rules": api},
		"cert-manager's": {"annotations": {"cert-manager.io/issuer": "ca"}, "listed": ["www.shop.test"], "rules": api},
		"redirected to": {
			"annotations": {"nginx.ingress.kubernetes.io/from-to-www-redirect": "true"},
			"listed": ["api.shop.test", "www.api.shop.test"],
			"rules": api,
		},
		"redirected from": {
			"annotations": {"nginx.ingress.kubernetes.io/from-to-www-redirect": "true"},
			"listed": ["shop.test"],
			"rules": [{"host": "www.shop.test"}],
		},
		"an alias": {"annotations": {"nginx.ingress.kubernetes.io/server-alias": "a.test, b.test"}, "listed": ["b.test"], "rules": api},
		"a rule for every host": {"annotations": {}, "listed": ["www.shop.test"], "rules": [{"http": {}}]},
	}
	judge(case.annotations, case.listed, case.rules) == set()
}
