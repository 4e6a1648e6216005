package policies["ingress-nginx"]["ca-bundle-without-root_test"]

import data.policies["ingress-nginx"]["ca-bundle-without-root"] as rule

client_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {
	"int": {"subject": "CN=Int", "issuer": "CN=Root", "spki": "bb"},
	"below": {"subject": "CN=Below", "issuer": "CN=Int", "spki": "cc"},
	"root": {"subject": "CN=Root", "issuer": "CN=Root", "spki": "aa"},
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

int := {"hash": "int", "issues": true, "meant": true, "widening": false}

below := {"hash": "below", "issues": true, "meant": true, "widening": false}

root := {"hash": "root", "issues": true, "meant": false, "widening": true, "hops": 0, "needs": 0}

test_findings[name] if {
	some name, case in {
		"an intermediate CA": {
			"role": "client-ca",
			"ref": ref(["int"], [int]),
			"want": ["every client certificate that is checked by it is refused with 400", "ca.crt of Secret shop/client-ca holds no root, only CN=Int, and nginx accepts no chain that does not end at one"],
		},
		"two of backends": {
			"role": "upstream-ca",
			"ref": ref(["below", "int"], [below, int]),
			"want": ["every request to backends that are checked by it gets 502", "ca.crt of Secret shop/client-ca holds no root, only CN=Below and CN=Int, and nginx accepts no chain that does not end at one"],
		},
	}
	findings := rule.findings with input as document(case.role, case.ref)
	{[f.effect, f.message] | some f in findings} == {case.want}
}

test_silent[name] if {
	some name, known in {
		"with a root": {"trust": {"certificates": [int, object.union(root, {"meant": true})]}},
		"with a root in the file, though not in the entry": {"trust": {"certificates": [root, int]}},
		"nothing described": {"trust": {"certificates": []}},
		"cert-manager is at work": {"producer": {"label": "Certificate shop/ca"}, "keys": []},
		"not in force": {"in_force": false},
		"refused by nginx": {"trust": {"openssl": "refused"}},
		"not all in sight": {"trust": {"complete": false}},
		"refused by the controller": {"content": {"go": "refused"}},
	}
	findings := rule.findings with input as document("client-ca", object.union(ref(["int"], [int]), known))
	count(findings) == 0
}
