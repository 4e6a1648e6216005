package policies["ingress-nginx"]["trust-widened-by-own-certificate_test"]

import data.policies["ingress-nginx"]["trust-widened-by-own-certificate"] as rule

client_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {"root": {"subject": "CN=Root"}, "other": {"subject": "CN=Other"}}

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

wide := {"hash": "root", "issues": true, "meant": false, "widening": true, "hops": 0, "needs": 0}

other := {"hash": "other", "issues": true, "meant": true, "widening": false, "hops": 0, "needs": 0}

test_findings[name] if {
	some name, case in {
		"a root": {
			"role": "client-ca",
			"list": [wide, other],
			"want": ["error", "tls.crt", "clients with a certificate that ca.crt does not vouch for are let in"],
		},
		"a root beside the CA of backends": {
			"role": "upstream-ca",
			"list": [wide, other],
			"want": ["error", "tls.crt", "backends with a certificate that ca.crt does not vouch for are believed"],
		},
		"a certificate that is no CA": {
			"role": "client-ca",
			"list": [object.union(wide, {"issues": false}), other],
			"want": ["warning", "tls.crt", "clients with a certificate that ca.crt does not vouch for are let in"],
		},
	}
	findings := rule.findings with input as document(case.role, ref([], case.list))
	{[f.severity, f.key, f.effect] | some f in findings} == {case.want}
	{f.message | some f in findings} == {"tls.crt of Secret shop/client-ca contains the root CN=Root, which nginx then trusts beside ca.crt"}
}

test_although_not_all_is_in_sight if {
	target := object.union(ref([], [wide]), {"trust": {"complete": false}})
	count(rule.findings) == 1 with input as document("client-ca", target)
}

test_silent[name] if {
	some name, known in {
		"the root is in ca.crt too": {"trust": {"certificates": [object.union(wide, {"widening": false})]}},
		"a key pair that is refused": {"pair": "mismatch"},
		"not in force": {"in_force": false},
		"refused by nginx": {"trust": {"openssl": "refused"}},
	}
	findings := rule.findings with input as document("client-ca", object.union(ref([], [wide, other]), known))
	count(findings) == 0
}
