package policies["ingress-nginx"]["ca-behind-cross-certificate_test"]

import data.policies["ingress-nginx"]["ca-behind-cross-certificate"] as rule

client_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {
	"root": {"subject": "CN=Root", "spki": "cc", "not_before": "2026-01-01T00:00:00Z", "not_after": "2036-01-01T00:00:00Z"},
	"cross": {"subject": "CN=Root", "spki": "cc", "not_before": "2026-01-01T00:00:00Z", "not_after": "2030-01-01T00:00:00Z"},
	"expired": {"subject": "CN=Root", "spki": "cc", "not_before": "2016-01-01T00:00:00Z", "not_after": "2020-01-01T00:00:00Z"},
	"early": {"subject": "CN=Root", "spki": "cc", "not_before": "2028-01-01T00:00:00Z", "not_after": "2030-01-01T00:00:00Z"},
	"namesake": {"subject": "CN=Root", "spki": "dd", "not_before": "2026-01-01T00:00:00Z", "not_after": "2030-01-01T00:00:00Z"},
	"other": {"subject": "CN=Other", "spki": "ee", "not_before": "2026-01-01T00:00:00Z", "not_after": "2030-01-01T00:00:00Z"},
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

test_findings[role] if {
	some role in ["client-ca", "upstream-ca"]
	findings := rule.findings with input as document(role, ref([], [stray("cross"), root]))
	{[f.effect, f.message] | some f in findings} == {[
		"certificates of CN=Root are refused",
		"in ca.crt of Secret shop/client-ca a certificate of CN=Root that leads to no root stands before the one that does",
	]}
}

test_silent[name] if {
	some name, known in {
		"the root first": {"trust": {"certificates": [root, stray("cross")]}},
		"it leads to a root": {"trust": {"certificates": [object.union(stray("cross"), {"hops": 1}), root]}},
		"no CA": {"trust": {"certificates": [object.union(stray("cross"), {"issues": false}), root]}},
		"expired": {"trust": {"certificates": [stray("expired"), root]}},
		"not yet valid": {"trust": {"certificates": [stray("early"), root]}},
		"another key": {"trust": {"certificates": [stray("namesake"), root]}},
		"another name": {"trust": {"certificates": [stray("other"), root]}},
		"alone": {"trust": {"certificates": [stray("cross")]}},
		"not in force": {"in_force": false},
		"refused by nginx": {"trust": {"openssl": "refused"}},
		"not all in sight": {"trust": {"complete": false}},
		"refused by the controller": {"content": {"go": "refused"}},
	}
	findings := rule.findings with input as document("client-ca", object.union(ref([], [stray("cross"), root]), known))
	count(findings) == 0
}
