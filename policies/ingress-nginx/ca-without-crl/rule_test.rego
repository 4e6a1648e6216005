package policies["ingress-nginx"]["ca-without-crl_test"]

import data.policies["ingress-nginx"]["ca-without-crl"] as rule

client_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {"root": {"subject": "CN=Root"}, "int": {"subject": "CN=Int"}, "own": {"subject": "CN=Own"}}

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

root := {"hash": "root", "issues": true, "meant": true, "widening": false, "hops": 0, "needs": 0}

int := {"hash": "int", "issues": true, "meant": true, "widening": false, "hops": 1, "needs": 1}

own := {"hash": "own", "issues": true, "meant": false, "widening": false, "hops": 1, "needs": 1}

lists(unlisted) := {"revocation": {
	"key": "ca.crl",
	"opaque": false,
	"empty": false,
	"go": "accepted",
	"openssl": "accepted",
	"lists": [{"issuer": "CN=Root", "line": 1, "this_update": "2026-09-01T00:00:00Z", "partial": false}],
	"unlisted": unlisted,
}}

test_findings[name] if {
	some name, case in {
		"an intermediate CA": {
			"unlisted": ["int"],
			"want": ["warning", "client certificates under CN=Int are refused with 400", "ca.crl of Secret shop/client-ca holds no revocation list of CN=Int, and nginx wants one of each CA"],
		},
		"the root": {
			"unlisted": ["root"],
			"want": ["error", "every client certificate is refused with 400", "ca.crl of Secret shop/client-ca holds no revocation list of CN=Root, and nginx wants one of each CA"],
		},
	}
	findings := rule.findings with input as document("client-ca", object.union(ref([], [own, int, root]), lists(case.unlisted)))
	{[f.severity, f.effect, f.message] | some f in findings} == {case.want}
	{f.key | some f in findings} == {"ca.crl"}
}

test_silent[name] if {
	some name, known in {
		"all have one": {"revocation": {"unlisted": []}},
		"only the own one has none": {"revocation": {"unlisted": ["own"]}},
		"a list of some certificates": {"revocation": {"lists": [{"issuer": "CN=Root", "line": 1, "this_update": "2026-09-01T00:00:00Z", "partial": true}]}},
		"lists that cannot be read": {"revocation": {"openssl": "unknown"}},
		"not in force": {"in_force": false},
		"lists that are refused": {"revocation": {"go": "refused"}},
	}
	findings := rule.findings with input as document("client-ca", object.union(object.union(ref([], [own, int, root]), lists(["int", "root"])), known))
	count(findings) == 0
}
