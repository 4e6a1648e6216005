package policies["ingress-nginx"]["ca-bundle-root-expired_test"]

import data.policies["ingress-nginx"]["ca-bundle-root-expired"] as rule

client_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {
	"int": {"subject": "CN=Int", "not_before": "2026-01-01T00:00:00Z", "not_after": "2030-01-01T00:00:00Z"},
	"past": {"subject": "CN=Root", "not_before": "2016-01-01T00:00:00Z", "not_after": "2026-10-01T00:00:00Z"},
	"future": {"subject": "CN=Next", "not_before": "2027-01-01T00:00:00Z", "not_after": "2036-10-01T00:00:00Z"},
	"good": {"subject": "CN=Good", "not_before": "2016-01-01T00:00:00Z", "not_after": "2036-10-01T00:00:00Z"},
}

content := {"opaque": false, "empty": false, "go": "accepted", "openssl": "accepted", "certificates": [], "defects": []}

ref(hashes, trusted) := {
	"path": client_path,
	"namespace": "shop",
	"label": "Secret shop/client-ca",
	"in_force": true,
	"presence": "present",
	"key_presence": "present",
	"keys": ["ca.crt"],
	"content": object.union(content, {"certificates": hashes}),
	"trust": {"openssl": "accepted", "complete": true, "certificates": trusted},
}

document(role, target) := {
	"now": "2026-11-01T12:00:00Z",
	"id": {"namespace": "shop"},
	"object": {"metadata": {"annotations": {}}},
	"refs": {role: [object.union(target, {"role": role})]},
	"certificates": certificates,
}

hops(hash, number) := {"hash": hash, "issues": true, "meant": true, "widening": false, "hops": number}

test_findings[name] if {
	some name, case in {
		"the only root": {
			"role": "client-ca",
			"ref": ref(["int", "past"], [hops("int", 1), hops("past", 0)]),
			"want": ["every client certificate that is checked by it is refused with 400", "no root in ca.crt of Secret shop/client-ca is valid now (CN=Root), though another CA in it is"],
		},
		"one too late, one too early": {
			"role": "upstream-ca",
			"ref": ref(["int", "past", "future"], [hops("int", 1), hops("past", 0), hops("future", 0)]),
			"want": ["every request to backends that are checked by it gets 502", "no root in ca.crt of Secret shop/client-ca is valid now (CN=Root and CN=Next), though another CA in it is"],
		},
	}
	findings := rule.findings with input as document(case.role, case.ref)
	{[f.effect, f.message] | some f in findings} == {case.want}
}

test_silent[name] if {
	some name, known in {
		"a root that is valid": {"trust": {"certificates": [hops("int", 1), hops("past", 0), hops("good", 0)]}},
		"nothing else, which another rule reports": {"content": {"certificates": ["past"]}, "trust": {"certificates": [hops("past", 0)]}},
		"no root at all": {"trust": {"certificates": [{"hash": "int", "issues": true, "meant": true, "widening": false}]}},
		"not in force": {"in_force": false},
		"refused by nginx": {"trust": {"openssl": "refused"}},
		"not all in sight": {"trust": {"complete": false}},
		"refused by the controller": {"content": {"go": "refused"}},
	}
	findings := rule.findings with input as document("client-ca", object.union(ref(["int", "past"], [hops("int", 1), hops("past", 0)]), known))
	count(findings) == 0
}
