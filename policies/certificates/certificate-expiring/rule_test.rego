package policies.certificates["certificate-expiring_test"]

import data.policies.certificates["certificate-expiring"] as rule

path := ["spec", "tls", 0, "secretName"]

certificate(subject, issuer, not_before, not_after) := {
	"hash": "0123456789abcdef0123",
	"subject": subject,
	"issuer": issuer,
	"spki": subject,
	"self_signed": subject == issuer,
	"not_before": not_before,
	"not_after": not_after,
	"days_left": days_left(not_after),
}

days_left(not_after) := floor((time.parse_rfc3339_ns(not_after) - time.parse_rfc3339_ns("2026-11-01T12:00:00Z")) / 86400000000000) if {
	not_after < "2262"
}

days_left(not_after) := 2912126 if not_after > "2262"

certificates := {
	"year": certificate("CN=api.shop.test", "CN=Issuer", "2025-11-25T00:00:00Z", "2026-11-25T00:00:00Z"),
	"quarter": certificate("CN=api.shop.test", "CN=Issuer", "2026-08-27T00:00:00Z", "2026-11-25T00:00:00Z"),
	"half year": certificate("CN=api.shop.test", "CN=Issuer", "2026-08-01T00:00:00Z", "2027-02-01T00:00:00Z"),
	"day": certificate("CN=api.shop.test", "CN=Issuer", "2026-11-01T06:00:00Z", "2026-11-02T06:00:00Z"),
	"expired": certificate("CN=api.shop.test", "CN=Issuer", "2026-01-01T00:00:00Z", "2026-10-01T00:00:00Z"),
	"endless": certificate("CN=api.shop.test", "CN=Issuer", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
	"issuer": certificate("CN=Issuer", "CN=Root", "2021-11-10T00:00:00Z", "2026-11-10T00:00:00Z"),
	"next issuer": certificate("CN=Issuer", "CN=Root", "2021-11-10T00:00:00Z", "2031-11-10T00:00:00Z"),
	"root": certificate("CN=Root", "CN=Root", "2016-11-10T00:00:00Z", "2026-11-10T00:00:00Z"),
}

document(hashes) := {
	"now": "2026-11-01T12:00:00Z",
	"refs": {"server-certificate": [{
		"path": path,
		"key": "tls.crt",
		"use": "certificate",
		"usage": "serverAuth",
		"key": "tls.crt",
		"in_force": true,
		"label": "Secret shop/api-tls",
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": []},
	}]},
	"certificates": certificates,
	"params": {"certificates/certificate-expiring": {"days": 30}},
}

made_by(spec, hashes) := json.patch(document(hashes), [{"op": "add", "path": "refs/server-certificate/0/producer", "value": {
	"kind": "Certificate",
	"label": "Certificate shop/api",
	"group": "cert-manager.io",
	"namespace": "shop",
	"name": "api",
	"object": {"spec": spec},
}}])

test_finding if {
	findings := rule.findings with input as document(["year"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "certificate \"CN=api.shop.test\" of Secret shop/api-tls expires on 2026-11-25",
		"effect": "from then on every client that verifies it refuses the connection",
		"remedy": "replace it",
	}}
}

test_findings[name] if {
	some name, case in {
		"not yet": {"hashes": ["quarter"], "want": 0},
		"not yet, with a long life": {"hashes": ["half year"], "want": 0},
		"short-lived": {"hashes": ["day"], "want": 0},
		"expired, which another rule says": {"hashes": ["expired"], "want": 0},
		"without an end": {"hashes": ["endless"], "want": 0},
		"its issuer": {"hashes": ["half year", "issuer"], "want": 1},
		"its issuer, issued anew": {"hashes": ["half year", "next issuer", "issuer"], "want": 0},
		"a root that nobody looks at": {"hashes": ["half year", "next issuer", "root"], "want": 0},
	}
	findings := rule.findings with input as document(case.hashes)
	count(findings) == case.want
}

test_both_are_said_once if {
	findings := rule.findings with input as document(["year", "issuer"])
	{f.message | some f in findings} == {"certificate \"CN=api.shop.test\" of Secret shop/api-tls expires on 2026-11-25, and so do 1 more"}
}

test_renewal[name] if {
	some name, case in {
		"overdue": {"spec": {}, "hashes": ["year"], "want": 1},
		# Two thirds of 90 days were over on 2026-10-26.
		"a few days late": {"spec": {}, "hashes": ["quarter"], "want": 0},
		"asked for earlier": {"spec": {"renewBefore": "1080h"}, "hashes": ["quarter"], "want": 1},
		"not due before the last weeks": {"spec": {"renewBefore": "360h"}, "hashes": ["year"], "want": 0},
		"of the issuer is not its business": {"spec": {"renewBefore": "24h"}, "hashes": ["half year", "issuer"], "want": 1},
	}
	findings := rule.findings with input as made_by(case.spec, case.hashes)
	count(findings) == case.want
}

test_remedy_of_an_overdue_renewal if {
	findings := rule.findings with input as made_by({}, ["year"])
	{f.remedy | some f in findings} == {"find out why Certificate shop/api has not renewed it"}
}
