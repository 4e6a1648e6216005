package policies["gateway-api"]["backend-policies-differ_test"]

import data.policies["gateway-api"]["backend-policies-differ"] as rule

path(rule_number, i) := ["spec", "rules", rule_number, "backendRefs", i]

ref(rule_number, i, name) := {
	"path": path(rule_number, i),
	"name": name,
	"label": sprintf("Service shop/%s", [name]),
	"object": {"spec": {"ports": [{"name": "https", "port": 443}]}},
}

policy(at, name, validation) := {
	"path": at,
	"label": sprintf("BackendTLSPolicy shop/%s", [name]),
	"object": {"spec": {"targetRefs": [{"kind": "Service", "name": name}], "validation": validation}},
}

cas(hostname) := {"hostname": hostname, "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "ca"}]}

roots := {"hostname": "partner.test", "wellKnownCACertificates": "System"}

judge(refs, policies, hosts) := findings if {
	backends := [{"name": r.name, "port": 443} | some r in refs]
	findings := rule.findings with input as {
		"object": {"spec": {"hostnames": hosts, "rules": [{"backendRefs": backends}, {"backendRefs": backends}]}},
		"controllers": {"nginx-gateway-fabric": {"certainty": "known"}},
		"refs": {"route-backend": refs},
		"peers": {"backend-policy": policies},
	}
}

two := [ref(0, 0, "api"), ref(0, 1, "web")]

test_differ if {
	judge(two, [policy(path(0, 0), "api", cas("api.shop.test")), policy(path(0, 1), "web", cas("web.shop.test"))], ["shop.test"]) == {{
		"path": path(0, 1),
		"message": "the BackendTLSPolicies of Service shop/api and Service shop/web differ, and NGINX Gateway Fabric verifies all backends of a rule alike",
		"effect": "requests that the rule takes, for shop.test, get 500",
		"remedy": "give them policies with the same hostname and CA, or rules of their own",
	}}
}

test_none_after_one if {
	findings := judge(two, [policy(path(0, 0), "api", cas("api.shop.test"))], [])
	{[f.path, f.message, f.effect] | some f in findings} == {[
		path(0, 1),
		"Service shop/web has no BackendTLSPolicy, and Service shop/api has one, and NGINX Gateway Fabric verifies all backends of a rule alike",
		"requests that the rule takes, for all hosts, get 500",
	]}
}

test_others[name] if {
	some name, case in {
		"alike": {"refs": two, "policies": [policy(path(0, 0), "api", cas("shop.test")), policy(path(0, 1), "web", cas("shop.test"))], "want": 0},
		"one before, with none": {"refs": two, "policies": [policy(path(0, 1), "web", cas("shop.test"))], "want": 0},
		"well-known CAs": {"refs": two, "policies": [policy(path(0, 0), "api", roots), policy(path(0, 1), "web", roots)], "want": 1},
		"a third": {
			"refs": array.concat(two, [ref(0, 2, "cart")]),
			"policies": [policy(path(0, 0), "api", cas("shop.test")), policy(path(0, 1), "web", cas("shop.test"))],
			"want": 1,
		},
		"rules of their own": {
			"refs": [ref(0, 0, "api"), ref(1, 1, "web")],
			"policies": [policy(path(0, 0), "api", cas("api.shop.test")), policy(path(1, 1), "web", cas("web.shop.test"))],
			"want": 0,
		},
		"a Service out of sight": {
			"refs": [ref(0, 0, "api"), object.remove(ref(0, 1, "web"), ["object"])],
			"policies": [policy(path(0, 0), "api", cas("shop.test"))],
			"want": 0,
		},
		"no policy": {"refs": two, "policies": [], "want": 0},
	}
	count(judge(case.refs, case.policies, ["shop.test"])) == case.want
}
