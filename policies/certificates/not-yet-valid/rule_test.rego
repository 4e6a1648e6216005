package policies.certificates["not-yet-valid_test"]

import data.policies.certificates["not-yet-valid"] as rule

path := ["spec", "tls", 0, "secretName"]

certificate(subject, issuer, not_before, not_after) := {
	"hash": "0123456789abcdef0123",
	"subject": subject,
	"issuer": issuer,
	"spki": subject,
	"self_signed": subject == issuer,
	"not_before": not_before,
	"not_after": not_after,
}

certificates := {
	"future": certificate("CN=api.shop.test", "CN=Issuer", "2026-11-02T08:00:00Z", "2027-01-31T08:00:00Z"),
	"good": certificate("CN=api.shop.test", "CN=Issuer", "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z"),
	"just now": certificate("CN=api.shop.test", "CN=Issuer", "2026-11-01T12:00:41Z", "2027-01-01T00:00:00Z"),
	"issuer": certificate("CN=Issuer", "CN=Root", "2021-01-01T00:00:00Z", "2031-01-01T00:00:00Z"),
	"future issuer": certificate("CN=Issuer", "CN=Root", "2026-12-01T00:00:00Z", "2036-01-01T00:00:00Z"),
	"future cross": certificate("CN=Root", "CN=Older Root", "2026-12-01T00:00:00Z", "2036-01-01T00:00:00Z"),
	"root": certificate("CN=Root", "CN=Root", "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
	"future root": certificate("CN=New Root", "CN=New Root", "2026-12-01T00:00:00Z", "2036-01-01T00:00:00Z"),
	"expired root": certificate("CN=Old Root", "CN=Old Root", "2010-12-01T00:00:00Z", "2020-01-01T00:00:00Z"),
}

document(use, hashes) := {
	"now": "2026-11-01T12:00:00Z",
	"refs": {"server-certificate": [{
		"path": path,
		"key": "tls.crt",
		"use": use,
		"in_force": true,
		"label": "Secret shop/api-tls",
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": []},
	}]},
	"certificates": certificates,
}

test_certificate if {
	findings := rule.findings with input as document("certificate", ["future", "issuer"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "certificate \"CN=api.shop.test\" of Secret shop/api-tls is not valid before 2026-11-02 08:00 UTC",
		"effect": "every client that verifies it refuses the connection",
		"remedy": "put the certificate in place that it replaces until then",
	}}
}

test_ca if {
	findings := rule.findings with input as document("trust", ["future root"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "CA \"CN=New Root\" of Secret shop/api-tls is not valid before 2026-12-01 00:00 UTC, and no other one of it is valid now",
		"effect": "every certificate that is checked against it is refused",
		"remedy": "keep the CA that it replaces beside it until then",
	}}
}

test_count[name] if {
	some name, case in {
		"valid": {"use": "certificate", "hashes": ["good", "issuer"], "want": 0},
		"issued just now": {"use": "certificate", "hashes": ["just now", "issuer"], "want": 0},
		"its issuer": {"use": "certificate", "hashes": ["good", "future issuer"], "want": 1},
		"another edition of its issuer": {"use": "certificate", "hashes": ["good", "issuer", "future issuer"], "want": 0},
		"further up": {"use": "certificate", "hashes": ["good", "issuer", "future cross"], "want": 0},
		"a CA beside one that is valid": {"use": "trust", "hashes": ["root", "future root"], "want": 0},
		"a CA beside one that has expired": {"use": "trust", "hashes": ["expired root", "future root"], "want": 1},
		"expired, which another rule says": {"use": "trust", "hashes": ["expired root"], "want": 0},
	}
	findings := rule.findings with input as document(case.use, case.hashes)
	count(findings) == case.want
}
