package policies["ingress-nginx"]["crl-malformed_test"]

import data.policies["ingress-nginx"]["crl-malformed"] as rule

client_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {}

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

lists(go, openssl) := {"revocation": {"key": "ca.crl", "opaque": false, "empty": false, "go": go, "openssl": openssl, "lists": [], "unlisted": []}}

test_findings[name] if {
	some name, case in {
		"refused": {
			"role": "client-ca",
			"ref": lists("refused", "refused"),
			"want": ["every request to a host that checks clients by it gets 403", "ingress-nginx refuses ca.crl of Secret shop/client-ca, which does not begin with a revocation list as PEM"],
		},
		"refused, beside the CA of backends": {
			"role": "upstream-ca",
			"ref": lists("refused", "accepted"),
			"want": ["every request to a path whose backends are checked by it gets 503", "ingress-nginx refuses ca.crl of Secret shop/client-ca, which does not begin with a revocation list as PEM"],
		},
		"refused by nginx only": {
			"role": "client-ca",
			"ref": object.union(lists("accepted", "refused"), {"in_force": false}),
			"want": ["no Ingress of this controller is reloaded any more", "nginx refuses ca.crl of Secret shop/client-ca, of which ingress-nginx looks at the first block only"],
		},
	}
	findings := rule.findings with input as document(case.role, object.union(ref([], []), case.ref))
	{[f.effect, f.message] | some f in findings} == {case.want}
	{f.key | some f in findings} == {"ca.crl"}
}

test_silent[name] if {
	some name, case in {
		"accepted": {"role": "client-ca", "ref": lists("accepted", "accepted")},
		"unknown": {"role": "client-ca", "ref": lists("unknown", "unknown")},
		"none": {"role": "client-ca", "ref": {}},
		"refused by nginx, which is not given it for backends": {"role": "upstream-ca", "ref": lists("accepted", "refused")},
		"the CA is refused already": {"role": "client-ca", "ref": object.union(lists("refused", "refused"), {"content": {"go": "refused"}})},
	}
	findings := rule.findings with input as document(case.role, object.union(ref([], []), case.ref))
	count(findings) == 0
}
