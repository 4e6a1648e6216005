package policies["ingress-nginx"]["ca-beside-broken-key-pair_test"]

import data.policies["ingress-nginx"]["ca-beside-broken-key-pair"] as rule

client_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

ref := {
	"path": client_path,
	"namespace": "shop",
	"label": "Secret shop/client-ca",
	"presence": "present",
	"key_presence": "present",
	"keys": ["ca.crt", "tls.crt", "tls.key"],
	"content": {"opaque": false, "empty": false, "go": "accepted", "certificates": ["aa"], "defects": []},
}

document(role, known) := {
	"id": {"namespace": "shop"},
	"object": {"metadata": {"annotations": {}}},
	"refs": {role: [object.union(ref, known)]},
}

test_findings[name] if {
	some name, case in {
		"empty": {
			"role": "client-ca",
			"pair": "empty",
			"want": ["tls.crt", "Secret shop/client-ca holds a CA, and beside it a key pair that ingress-nginx does not take (its tls.crt or tls.key is empty)", "every request to a host that checks clients by it gets 403"],
		},
		"a mismatch": {
			"role": "upstream-ca",
			"pair": "mismatch",
			"want": ["tls.key", "Secret shop/client-ca holds a CA, and beside it a key pair that ingress-nginx does not take (its tls.key does not belong to its tls.crt)", "every request to a path whose backends are checked by it gets 503"],
		},
		"a certificate that cannot be read": {
			"role": "client-ca",
			"pair": "certificate-unreadable",
			"want": ["tls.crt", "Secret shop/client-ca holds a CA, and beside it a key pair that ingress-nginx does not take (its tls.crt cannot be read)", "every request to a host that checks clients by it gets 403"],
		},
	}
	findings := rule.findings with input as document(case.role, {"pair": case.pair})
	{[f.key, f.message, f.effect] | some f in findings} == {case.want}
}

test_silent[name] if {
	some name, known in {
		"a pair that fits": {"pair": "match"},
		"a pair out of sight": {},
		"no CA, which another rule reports": {"pair": "empty", "key_presence": "absent", "content": {}},
		"an empty CA": {"pair": "empty", "content": {"empty": true, "certificates": []}},
		"a CA that cannot be read": {"pair": "empty", "content": {"certificates": [], "defects": [{"line": 1, "message": "none"}]}},
		"cert-manager is at work": {"pair": "empty", "producer": {"label": "Certificate shop/client-ca"}},
	}
	findings := rule.findings with input as document("client-ca", known)
	count(findings) == 0
}
