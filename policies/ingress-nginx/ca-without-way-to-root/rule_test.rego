package policies["ingress-nginx"]["ca-without-way-to-root_test"]

import data.policies["ingress-nginx"]["ca-without-way-to-root"] as rule

client_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {
	"int": {"subject": "CN=Int", "spki": "aa"},
	"other": {"subject": "CN=Other", "spki": "bb"},
	"root": {"subject": "CN=Root", "spki": "cc"},
	"cross": {"subject": "CN=Root", "spki": "cc"},
	"namesake": {"subject": "CN=Root", "spki": "dd"},
	"leaf": {"subject": "CN=Leaf", "spki": "ee"},
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

stray(hash) := {"hash": hash, "issues": true, "meant": true, "widening": false}

root := {"hash": "root", "issues": true, "meant": true, "widening": false, "hops": 0, "needs": 0}

test_findings[name] if {
	some name, case in {
		"one": {
			"role": "client-ca",
			"list": [stray("int"), root],
			"want": ["certificates of CN=Int are refused", "ca.crt of Secret shop/client-ca lacks the root above CN=Int"],
		},
		"two of backends": {
			"role": "upstream-ca",
			"list": [root, stray("int"), stray("other")],
			"want": ["certificates of CN=Int are refused", "ca.crt of Secret shop/client-ca lacks the root above CN=Int and CN=Other"],
		},
		"one with the name of the root, and another key": {
			"role": "client-ca",
			"list": [stray("namesake"), root],
			"want": ["certificates of CN=Root are refused", "ca.crt of Secret shop/client-ca lacks the root above CN=Root"],
		},
	}
	findings := rule.findings with input as document(case.role, ref([], case.list))
	{[f.effect, f.message] | some f in findings} == {case.want}
}

test_silent[name] if {
	some name, known in {
		"no root at all, which another rule reports": {"trust": {"certificates": [stray("int")]}},
		"it leads to the root": {"trust": {"certificates": [object.union(stray("int"), {"hops": 1}), root]}},
		"no CA": {"trust": {"certificates": [object.union(stray("leaf"), {"issues": false}), root]}},
		"of the own chain": {"trust": {"certificates": [object.union(stray("int"), {"meant": false}), root]}},
		"a cross-signed one beside the root itself": {"trust": {"certificates": [root, stray("cross")]}},
		"not in force": {"in_force": false},
		"refused by nginx": {"trust": {"openssl": "refused"}},
		"not all in sight": {"trust": {"complete": false}},
		"refused by the controller": {"content": {"go": "refused"}},
	}
	findings := rule.findings with input as document("client-ca", object.union(ref([], [stray("int"), root]), known))
	count(findings) == 0
}
