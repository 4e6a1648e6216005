package policies["ingress-nginx"]["client-ca-on-catch-all_test"]

import data.policies["ingress-nginx"]["client-ca-on-catch-all"] as rule

judge(settings, rules, peers, changed) := {[object.get(f, "severity", "warning"), f.path, f.message] | some f in findings} if {
	document := {
		"object": {"metadata": {"annotations": settings}, "spec": {"rules": rules}},
		"refs": {"client-ca": [object.union({"in_force": true, "presence": "present"}, changed)]},
		"peers": {"host": peers},
	}
	findings := rule.findings with input as document
}

canary := {"nginx.ingress.kubernetes.io/canary": "true"}

peer(annotations) := {"key": "api.shop.test", "object": {"metadata": {"annotations": annotations}}}

api := {"host": "api.shop.test"}

test_no_host[name] if {
	some name, other in {"none": {}, "empty": {"host": ""}}
	judge({}, [api, other], [], {}) == {[
		"warning",
		["spec", "rules", 1],
		"a rule without a host belongs to the catch-all server, and auth-tls-* with it",
	]}
}

test_canary[name] if {
	some name, peers in {"alone": [], "beside another canary": [peer(canary)]}
	judge(canary, [api], peers, {}) == {[
		"info",
		["metadata", "annotations", "nginx.ingress.kubernetes.io/canary"],
		"this canary is the only Ingress in sight for api.shop.test, and auth-tls-* of it go to the catch-all server",
	]}
}

test_silent[name] if {
	some name, case in {
		"a host": {"settings": {}, "rules": [api], "peers": [], "ref": {}},
		"a canary of another": {"settings": canary, "rules": [api], "peers": [peer({})], "ref": {}},
		"a canary of one without annotations": {
			"settings": canary, "rules": [api],
			"peers": [{"key": "api.shop.test", "object": {"metadata": {"name": "api"}}}], "ref": {},
		},
		"off": {"settings": canary, "rules": [api, {}], "peers": [], "ref": {"in_force": false}},
		"closed": {"settings": canary, "rules": [api, {}], "peers": [], "ref": {"presence": "absent"}},
	}
	judge(case.settings, case.rules, case.peers, case.ref) == set()
}
