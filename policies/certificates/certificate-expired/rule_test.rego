package policies.certificates["certificate-expired_test"]

import data.policies.certificates["certificate-expired"] as rule

path := ["spec", "tls", 0, "secretName"]

certificate(subject, issuer, not_after) := {
	"hash": "0123456789abcdef0123",
	"subject": subject,
	"issuer": issuer,
	"spki": subject,
	"self_signed": subject == issuer,
	"not_before": "2020-01-01T00:00:00Z",
	"not_after": not_after,
}

certificates := {
	"old": certificate("CN=api.shop.test", "CN=Issuer", "2026-10-31T23:59:59Z"),
	"good": certificate("CN=api.shop.test", "CN=Issuer", "2026-12-31T23:59:59Z"),
	"last minute": certificate("CN=api.shop.test", "CN=Issuer", "2026-11-01T12:00:00Z"),
	"own": certificate("CN=own", "CN=own", "2026-01-01T00:00:00Z"),
	"issuer": certificate("CN=Issuer", "CN=Root", "2036-01-01T00:00:00Z"),
	"old issuer": certificate("CN=Issuer", "CN=Root", "2026-02-01T00:00:00Z"),
	"root": certificate("CN=Root", "CN=Root", "2026-03-01T00:00:00Z"),
	"cross": certificate("CN=Root", "CN=Older Root", "2026-04-01T00:00:00Z"),
}

document(usage, hashes) := {
	"now": "2026-11-01T12:00:00Z",
	"refs": {"server-certificate": [{
		"path": path,
		"key": "tls.crt",
		"use": "certificate",
		"usage": usage,
		"in_force": true,
		"label": "Secret shop/api-tls",
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": []},
	}]},
	"certificates": certificates,
}

test_finding if {
	findings := rule.findings with input as document("serverAuth", ["old", "issuer"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "certificate \"CN=api.shop.test\" of Secret shop/api-tls expired on 2026-10-31",
		"effect": "every client that verifies it refuses the connection",
		"remedy": "replace it",
		"severity": "error",
	}}
}

test_findings[name] if {
	some name, case in {
		"valid": {"hashes": ["good", "issuer"], "want": set()},
		"to this very minute": {"hashes": ["last minute"], "want": set()},
		"self-signed": {"hashes": ["own"], "want": {["error", "certificate \"CN=own\" of Secret shop/api-tls expired on 2026-01-01"]}},
		"both": {
			"hashes": ["old", "old issuer"],
			"want": {["error", "certificate \"CN=api.shop.test\" of Secret shop/api-tls expired on 2026-10-31, and so did 1 more"]},
		},
		"its issuer": {
			"hashes": ["good", "old issuer"],
			"want": {["error", "certificate of the chain \"CN=Issuer\" of Secret shop/api-tls expired on 2026-02-01"]},
		},
		"a cross-signed root": {
			"hashes": ["good", "issuer", "cross"],
			"want": {["warning", "certificate of the chain \"CN=Root\" of Secret shop/api-tls expired on 2026-04-01"]},
		},
		"an issuer that was issued anew": {"hashes": ["good", "old issuer", "issuer"], "want": set()},
		"a root that nobody looks at": {"hashes": ["good", "issuer", "root"], "want": set()},
	}
	findings := rule.findings with input as document("serverAuth", case.hashes)
	{[f.severity, f.message] | some f in findings} == case.want
}

test_effect[name] if {
	some name, case in {
		"of a client certificate": {"usage": "clientAuth", "hashes": ["old"], "want": "servers that ask for a client certificate refuse it"},
		"of a cross-signed root": {
			"usage": "serverAuth",
			"hashes": ["good", "issuer", "cross"],
			"want": "clients that know no other way to a root refuse the connection",
		},
	}
	findings := rule.findings with input as document(case.usage, case.hashes)
	{f.effect | some f in findings} == {case.want}
}

test_renewal_is_late if {
	producer := {"kind": "Certificate", "label": "Certificate shop/api", "group": "cert-manager.io", "namespace": "shop", "name": "api"}
	late := json.patch(document("serverAuth", ["old"]), [{"op": "add", "path": "refs/server-certificate/0/producer", "value": producer}])
	findings := rule.findings with input as late
	{f.remedy | some f in findings} == {"find out why Certificate shop/api has not renewed it"}
}
