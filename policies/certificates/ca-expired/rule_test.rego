package policies.certificates["ca-expired_test"]

import data.policies.certificates["ca-expired"] as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {
	"old": {"subject": "CN=Old Root", "spki": "aa", "not_after": "2026-10-31T23:59:59Z"},
	"older": {"subject": "CN=Older Root", "spki": "bb", "not_after": "2020-01-01T00:00:00Z"},
	"good": {"subject": "CN=Root", "spki": "cc", "not_after": "2036-01-01T00:00:00Z"},
	"renewed": {"subject": "CN=Old Root", "spki": "aa", "not_after": "2036-10-31T23:59:59Z"},
	"rekeyed": {"subject": "CN=Old Root", "spki": "dd", "not_after": "2036-10-31T23:59:59Z"},
	"last minute": {"subject": "CN=Last Minute", "spki": "ee", "not_after": "2026-11-01T12:00:00Z"},
}

document(use, hashes) := {
	"now": "2026-11-01T12:00:00Z",
	"refs": {"client-ca": [{
		"path": path,
		"key": "ca.crt",
		"title": "client CA",
		"use": use,
		"in_force": true,
		"label": "Secret shop/client-ca",
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": []},
	}]},
	"certificates": certificates,
}

test_finding if {
	findings := rule.findings with input as document("trust", ["old"])
	findings == {{
		"path": path,
		"key": "ca.crt",
		"message": "CA \"CN=Old Root\" of Secret shop/client-ca expired on 2026-10-31",
		"effect": "every certificate that is checked against it is refused",
		"remedy": "replace it by the CA that signs now",
		"severity": "error",
	}}
}

cases := {
	"all of them": {
		"hashes": ["old", "older"],
		"want": {["error", "CA \"CN=Old Root\" of Secret shop/client-ca expired on 2026-10-31, and so did 1 more"]},
	},
	"one of two": {
		"hashes": ["good", "older"],
		"want": {["warning", "CA \"CN=Older Root\" of Secret shop/client-ca expired on 2020-01-01"]},
	},
	"the same one twice": {
		"hashes": ["old", "old"],
		"want": {["error", "CA \"CN=Old Root\" of Secret shop/client-ca expired on 2026-10-31, and so did 1 more"]},
	},
	"one of a set of public roots": {
		"hashes": array.concat(["older"], [sprintf("public %d", [n]) | some n in numbers.range(1, 19)]),
		"want": {["info", "CA \"CN=Older Root\" of Secret shop/client-ca expired on 2020-01-01"]},
	},
	"one of nearly as many": {
		"hashes": array.concat(["older"], [sprintf("public %d", [n]) | some n in numbers.range(1, 18)]),
		"want": {["warning", "CA \"CN=Older Root\" of Secret shop/client-ca expired on 2020-01-01"]},
	},
	"a whole set of them": {
		"hashes": ["older" | some _ in numbers.range(1, 20)],
		"want": {["error", "CA \"CN=Older Root\" of Secret shop/client-ca expired on 2020-01-01, and so did 19 more"]},
	},
	"issued anew with another key": {
		"hashes": ["old", "rekeyed"],
		"want": {["warning", "CA \"CN=Old Root\" of Secret shop/client-ca expired on 2026-10-31"]},
	},
	"issued anew with the same key": {"hashes": ["old", "renewed"], "want": set()},
	"valid to this very minute": {"hashes": ["last minute"], "want": set()},
	"valid": {"hashes": ["good"], "want": set()},
	"no certificate": {"hashes": [], "want": set()},
	"a certificate that is not described": {"hashes": ["good", "unknown"], "want": set()},
}

test_findings[name] if {
	some name, case in cases
	findings := rule.findings with input as document("trust", case.hashes)
	{[f.severity, f.message] | some f in findings} == case.want
}

test_effect_of_a_part if {
	findings := rule.findings with input as document("trust", ["good", "older"])
	{f.effect | some f in findings} == {"certificates that it signed are refused"}
}

test_no_ca if {
	findings := rule.findings with input as document("certificate", ["old"])
	count(findings) == 0
}

test_not_in_force if {
	document_off := json.patch(document("trust", ["old"]), [{"op": "replace", "path": "refs/client-ca/0/in_force", "value": false}])
	findings := rule.findings with input as document_off
	count(findings) == 0
}

test_content_out_of_sight if {
	document_without := json.remove(document("trust", ["old"]), ["refs/client-ca/0/content"])
	findings := rule.findings with input as document_without
	count(findings) == 0
}
