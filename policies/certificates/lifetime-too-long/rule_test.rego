package policies.certificates["lifetime-too-long_test"]

import data.policies.certificates["lifetime-too-long"] as rule

path := ["spec", "tls", 0, "secretName"]

certificate(subject, not_after, days) := {"subject": subject, "not_before": "2026-01-01T00:00:00Z", "not_after": not_after, "lifetime_days": days}

certificates := {
	"398 days": certificate("CN=api.shop.test", "2027-02-03T00:00:00Z", 398),
	"two years": certificate("CN=api.shop.test", "2028-01-01T00:00:00Z", 730),
	"five years": certificate("CN=client", "2031-01-01T00:00:00Z", 1826),
	"ten years": certificate("CN=Root", "2036-01-01T00:00:00Z", 3652),
	"20 years": certificate("CN=Old Root", "2046-01-01T00:00:00Z", 7305),
	"endless": certificate("CN=Endless", "9999-12-31T23:59:59Z", 2912431),
}

document(use, usage, hashes) := {
	"refs": {"server-certificate": [{
		"path": path,
		"key": "tls.crt",
		"use": use,
		"usage": usage,
		"in_force": true,
		"label": "Secret shop/api-tls",
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": []},
	}]},
	"certificates": certificates,
	"params": {"certificates/lifetime-too-long": {"server-days": 398, "client-days": 1096, "ca-days": 3653}},
}

test_certificate if {
	findings := rule.findings with input as document("certificate", "serverAuth", ["two years"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "certificate \"CN=api.shop.test\" of Secret shop/api-tls is valid from 2026-01-01 to 2028-01-01, for more than 398 days",
		"remedy": "issue it for a shorter time, and have it renewed without hands",
	}}
}

test_ca if {
	findings := rule.findings with input as document("trust", "clientAuth", ["20 years"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "CA \"CN=Old Root\" of Secret shop/api-tls is valid from 2026-01-01 to 2046-01-01, for more than 3653 days",
		"remedy": "plan for a CA that follows it earlier",
	}}
}

test_count[name] if {
	some name, case in {
		"within the limit": {"use": "certificate", "usage": "serverAuth", "hashes": ["398 days"], "want": 0},
		"a client may live longer": {"use": "certificate", "usage": "clientAuth", "hashes": ["two years"], "want": 0},
		"but not for ever": {"use": "certificate", "usage": "clientAuth", "hashes": ["five years"], "want": 1},
		"without an end": {"use": "certificate", "usage": "serverAuth", "hashes": ["endless"], "want": 1},
		"a CA of ten years": {"use": "trust", "usage": "serverAuth", "hashes": ["ten years"], "want": 0},
	}
	findings := rule.findings with input as document(case.use, case.usage, case.hashes)
	count(findings) == case.want
}
