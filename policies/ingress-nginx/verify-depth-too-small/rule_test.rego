package policies["ingress-nginx"]["verify-depth-too-small_test"]

import data.policies["ingress-nginx"]["verify-depth-too-small"] as rule

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

plain(role, target) := {
	"now": "2026-11-01T12:00:00Z",
	"id": {"namespace": "shop"},
	"object": {"metadata": {"annotations": {}}},
	"refs": {role: [object.union(target, {"role": role})]},
	"certificates": certificates,
}

depths := {
	"client-ca": "nginx.ingress.kubernetes.io/auth-tls-verify-depth",
	"upstream-ca": "nginx.ingress.kubernetes.io/proxy-ssl-verify-depth",
}

document(role, set, annotations, target) := object.union(
	plain(role, object.union({"trust": {"depth": 2}}, target)),
	{"object": {"metadata": {"annotations": object.union({depths[role]: set}, annotations)}}},
)

ca(hash, needs) := {"hash": hash, "issues": true, "meant": true, "widening": false, "hops": needs, "needs": needs}

chain := [ca("root", 0), ca("int", 1), ca("below", 2)]

partner := {"hash": "partner", "issues": true, "meant": true, "widening": false, "hops": 0, "needs": 0}

test_finding if {
	findings := rule.findings with input as document("client-ca", "1", {}, ref([], chain))
	findings == {{
		"path": ["metadata", "annotations", depths["client-ca"]],
		"message": "it allows 1, and CN=Below stands 2 below its root in ca.crt of Secret shop/client-ca",
		"effect": "every client certificate is refused with 400",
		"remedy": "set it to \"2\"",
		"severity": "error",
		"fix": {
			"title": "set auth-tls-verify-depth to \"2\"",
			"safe": true,
			"edits": [{"op": "set", "path": ["metadata", "annotations", depths["client-ca"]], "value": "2"}],
		},
	}}
}

test_cases[name] if {
	some name, case in {
		"of backends": {"role": "upstream-ca", "list": chain, "want": ["error", "every request gets 502", true]},
		"some clients": {
			"role": "client-ca",
			"list": array.concat(chain, [partner]),
			"want": ["warning", "client certificates of CN=Below are refused with 400", false],
		},
		"some backends": {
			"role": "upstream-ca",
			"list": array.concat(chain, [partner]),
			"want": ["warning", "requests to backends with a certificate of CN=Below get 502", false],
		},
	}
	findings := rule.findings with input as document(case.role, "1", {}, ref([], case.list))
	{[f.severity, f.effect, f.fix.safe] | some f in findings} == {case.want}
}

test_silent[name] if {
	some name, case in {
		"enough": {"set": "2", "annotations": {}, "ref": {}},
		"more than enough": {"set": "3", "annotations": {}, "ref": {}},
		"no number, which another rule reports": {"set": "one", "annotations": {}, "ref": {}},
		"negative, which another rule reports": {"set": "-1", "annotations": {}, "ref": {}},
		"every chain is let in": {"set": "1", "annotations": {"nginx.ingress.kubernetes.io/auth-tls-verify-client": "optional_no_ca"}, "ref": {}},
		"deep only in the own chain": {"set": "1", "annotations": {}, "ref": {"trust": {"certificates": [ca("root", 0), ca("int", 1), object.union(ca("below", 2), {"meant": false})]}}},
		"not in force": {"set": "1", "annotations": {}, "ref": {"in_force": false}},
		"nothing to go by": {"set": "1", "annotations": {}, "ref": {"trust": {"depth": 1}}},
		"a bundle that is refused": {"set": "1", "annotations": {}, "ref": {"content": {"go": "refused"}}},
	}
	target := object.union(ref([], chain), case.ref)
	findings := rule.findings with input as document("client-ca", case.set, case.annotations, target)
	count(findings) == 0
}

test_a_value_of_ours if {
	ours := {"defaulted": {"metadata.annotations[\"nginx.ingress.kubernetes.io/auth-tls-verify-depth\"]": "1"}}
	count(rule.findings) == 0 with input as object.union(document("client-ca", "1", {}, ref([], chain)), ours)
}
