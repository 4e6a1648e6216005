package policies["ingress-nginx"]["ca-bundle-malformed_test"]

import data.policies["ingress-nginx"]["ca-bundle-malformed"] as rule

client_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

ref := {
	"path": client_path,
	"namespace": "shop",
	"label": "Secret shop/client-ca",
	"in_force": true,
	"content": {"opaque": false, "empty": false, "go": "accepted", "openssl": "accepted", "certificates": ["aa"], "defects": []},
	"trust": {"openssl": "accepted", "complete": true, "certificates": []},
}

document(role, known) := {
	"id": {"namespace": "shop"},
	"object": {"metadata": {"annotations": {}}},
	"refs": {role: [object.union(ref, known)]},
}

defect(mark) := {"kind": "truncated", "line": 11, "message": "the block has no END line", mark: true}

harmless := {"kind": "duplicate", "line": 3, "message": "again", "fails_go": false, "fails_openssl": false}

refused := {"content": {"go": "refused", "defects": [harmless, defect("fails_go")]}}

frozen := {
	"content": {"openssl": "refused", "defects": [harmless, defect("fails_openssl")]},
	"trust": {"openssl": "refused", "complete": false},
}

test_findings[name] if {
	some name, case in {
		"the controller refuses it": {
			"role": "client-ca",
			"ref": refused,
			"want": ["every request to a host that checks clients by it gets 403", "ingress-nginx refuses ca.crt of Secret shop/client-ca: line 11: the block has no END line"],
		},
		"that of backends": {
			"role": "upstream-ca",
			"ref": refused,
			"want": ["every request to a path whose backends are checked by it gets 503", "ingress-nginx refuses ca.crt of Secret shop/client-ca: line 11: the block has no END line"],
		},
		"whether or not it is in force": {
			"role": "client-ca",
			"ref": object.union(frozen, {"in_force": false}),
			"want": ["no Ingress of this controller is reloaded any more", "nginx refuses ca.crt of Secret shop/client-ca, which ingress-nginx takes: line 11: the block has no END line"],
		},
		"the chain beside it": {
			"role": "upstream-ca",
			"ref": {
				"trust": {"openssl": "refused"},
				"pair": "match",
				"also": {"tls.crt": {"openssl": "refused", "defects": [defect("fails_openssl")]}},
			},
			"want": ["no Ingress of this controller is reloaded any more", "nginx refuses tls.crt of Secret shop/client-ca, which ingress-nginx takes: line 11: the block has no END line"],
		},
		"a defect beyond those that are listed": {
			"role": "client-ca",
			"ref": object.union(frozen, {"content": {"defects": [harmless]}}),
			"want": ["no Ingress of this controller is reloaded any more", "nginx refuses ca.crt of Secret shop/client-ca, which ingress-nginx takes: it cannot be read"],
		},
	}
	findings := rule.findings with input as document(case.role, case.ref)
	{[f.effect, f.message] | some f in findings} == {case.want}
}

test_keys if {
	first := rule.findings with input as document("client-ca", frozen)
	{f.key | some f in first} == {"ca.crt"}
	second := rule.findings with input as document("client-ca", {
		"trust": {"openssl": "refused"},
		"also": {"tls.crt": {"openssl": "refused", "defects": [defect("fails_openssl")]}},
	})
	{f.key | some f in second} == {"tls.crt"}
}

test_silent[name] if {
	some name, known in {
		"taken by both": {"content": {"defects": [harmless]}},
		"without a certificate, which another rule reports": object.union(refused, {"content": {"certificates": []}}),
		"beside a key pair that is refused": object.union(frozen, {"pair": "mismatch"}),
		"beside a list that is refused": object.union(frozen, {"revocation": {"go": "refused"}}),
		"nobody knows": {"content": {"openssl": "unknown"}, "trust": {"openssl": "unknown"}},
	}
	findings := rule.findings with input as document("client-ca", known)
	count(findings) == 0
}
