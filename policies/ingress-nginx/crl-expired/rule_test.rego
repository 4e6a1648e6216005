package policies["ingress-nginx"]["crl-expired_test"]

import data.policies["ingress-nginx"]["crl-expired"] as rule

client_path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {"root": {"subject": "CN=Root"}}

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

lists(list) := {"revocation": {"key": "ca.crl", "opaque": false, "empty": false, "go": "accepted", "openssl": "accepted", "lists": list, "unlisted": []}}

expired := {"issuer": "CN=Root", "line": 1, "this_update": "2026-09-01T00:00:00Z", "next_update": "2026-10-01T00:00:00Z", "partial": false}

test_finding if {
	findings := rule.findings with input as document("client-ca", object.union(ref([], [root]), lists([expired])))
	{[f.key, f.effect, f.message] | some f in findings} == {[
		"ca.crl",
		"every client certificate under CN=Root is refused with 400",
		"the revocation list of CN=Root in ca.crl of Secret shop/client-ca expired on 2026-10-01",
	]}
}

test_renewed[name] if {
	some name, case in {
		"by one that is valid": {"list": [expired, object.union(expired, {"next_update": "2026-12-01T00:00:00Z"})], "want": 0},
		"by one that never expires": {"list": [expired, object.remove(expired, {"next_update"})], "want": 0},
		"by one of another CA": {"list": [expired, object.union(expired, {"issuer": "CN=Other", "next_update": "2026-12-01T00:00:00Z"})], "want": 1},
	}
	findings := rule.findings with input as document("client-ca", object.union(ref([], [root]), lists(case.list)))
	count(findings) == case.want
}

test_silent[name] if {
	some name, case in {
		"valid": {"list": [object.union(expired, {"next_update": "2026-11-02T00:00:00Z"})], "ref": {}},
		"of some certificates only": {"list": [object.union(expired, {"partial": true})], "ref": {}},
		"of a CA that is not in the bundle": {"list": [object.union(expired, {"issuer": "CN=Other"})], "ref": {}},
		"not in force": {"list": [expired], "ref": {"in_force": false}},
		"a bundle that is refused": {"list": [expired], "ref": {"content": {"go": "refused"}}},
	}
	target := object.union(object.union(ref([], [root]), lists(case.list)), case.ref)
	findings := rule.findings with input as document("client-ca", target)
	count(findings) == 0
}

test_backends if {
	count(rule.findings) == 0 with input as document("upstream-ca", object.union(ref([], [root]), lists([expired])))
}
