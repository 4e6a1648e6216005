package policies["ingress-nginx"]["client-ca-never-applied_test"]

import data.policies["ingress-nginx"]["client-ca-never-applied"] as rule

ref := {"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"], "in_force": true}

backend := {"service": {"name": "api"}}

http := {"paths": [{"path": "/"}]}

judge(spec, settings, peers, changed) := {[object.get(f, "severity", "error"), f.effect] | some f in findings} if {
	document := {
		"object": {"metadata": {"annotations": settings}, "spec": spec},
		"refs": {"client-ca": [object.union(ref, changed)]},
		"peers": {"host": peers},
	}
	findings := rule.findings with input as document
}

peer(annotations, rule_of_theirs) := {
	"key": "api.shop.test",
	"label": "Ingress shop/other",
	"object": {"metadata": {"annotations": annotations}, "spec": {"rules": [rule_of_theirs]}},
}

secret := {"nginx.ingress.kubernetes.io/auth-tls-secret": "shop/ca"}

test_no_rules if {
	judge({"defaultBackend": backend}, {}, [], {}) == {["error", "requests to the catch-all server reach the default backend without a client certificate"]}
}

test_host_alone if {
	judge({"defaultBackend": backend, "rules": [{"host": "api.shop.test"}, {"host": "www.shop.test", "http": http}]}, {}, [], {}) == {[
		"error",
		"requests to api.shop.test reach the default backend without a client certificate",
	]}
}

test_host_that_another_serves if {
	judge({"rules": [{"host": "api.shop.test"}, {"host": "www.shop.test"}]}, {}, [peer({}, {"host": "api.shop.test", "http": http})], {}) == {[
		"error",
		"requests to api.shop.test reach the backend of Ingress shop/other without a client certificate",
	]}
}

test_others_that_do_not_help[name] if {
	some name, other in {
		"no policy": peer({}, {"host": "api.shop.test", "http": http}),
		"not applied either": peer(secret, {"host": "api.shop.test"}),
		"to another host": peer(secret, {"host": "www.shop.test", "http": http}),
	}
	count(judge({"defaultBackend": backend, "rules": [{"host": "api.shop.test"}]}, {}, [other], {})) == 1
}

test_silent[name] if {
	some name, case in {
		"nothing is served": {"spec": {"rules": [{"host": "api.shop.test"}]}, "settings": {}, "peers": [], "ref": {}},
		"rules with http": {
			"spec": {"defaultBackend": backend, "rules": [{"host": "api.shop.test", "http": http}]},
			"settings": {}, "peers": [], "ref": {},
		},
		"another rule of the host": {
			"spec": {"defaultBackend": backend, "rules": [{"host": "api.shop.test"}, {"host": "api.shop.test", "http": http}]},
			"settings": {}, "peers": [], "ref": {},
		},
		"another Ingress of the host": {
			"spec": {"defaultBackend": backend, "rules": [{"host": "api.shop.test"}]},
			"settings": {}, "peers": [peer(secret, {"host": "api.shop.test", "http": http})], "ref": {},
		},
		"no host and no http": {"spec": {"defaultBackend": backend, "rules": [{}]}, "settings": {}, "peers": [], "ref": {}},
		"a canary's default backend": {
			"spec": {"defaultBackend": backend},
			"settings": {"nginx.ingress.kubernetes.io/canary": "true"}, "peers": [], "ref": {},
		},
		"a resource, which is not served": {
			"spec": {"defaultBackend": {"resource": {"kind": "Bucket"}}},
			"settings": {}, "peers": [], "ref": {},
		},
		"off": {"spec": {"defaultBackend": backend}, "settings": {}, "peers": [], "ref": {"in_force": false}},
		"off for a host": {
			"spec": {"defaultBackend": backend, "rules": [{"host": "api.shop.test"}]},
			"settings": {}, "peers": [], "ref": {"in_force": false},
		},
	}
	judge(case.spec, case.settings, case.peers, case.ref) == set()
}
