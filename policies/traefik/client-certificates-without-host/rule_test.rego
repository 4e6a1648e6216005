package policies.traefik["client-certificates-without-host_test"]

import data.policies.traefik["client-certificates-without-host"] as rule

judge(annotations, rules) := {f.path[2] | some f in findings} if {
	document := {"object": {"metadata": {"annotations": annotations}, "spec": {"rules": rules}}}
	findings := rule.findings with input as document
}

asks := {"nginx.ingress.kubernetes.io/auth-tls-secret": "shop/ca"}

test_found if judge(asks, [{"host": "api.shop.test", "http": {}}, {"http": {}}, {"host": "", "http": {}}]) == {1, 2}

test_silent if {
	judge(asks, [{"host": "api.shop.test", "http": {}}]) == set()
	judge(asks, [{}]) == set()
	judge({}, [{"http": {}}]) == set()
}
