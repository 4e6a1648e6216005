package policies.certificates["ca-expiring_test"]

import data.policies.certificates["ca-expiring"] as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {
	"ending": {"subject": "CN=Root", "not_before": "2016-11-20T00:00:00Z", "not_after": "2026-11-20T00:00:00Z", "days_left": days_left("2026-11-20T00:00:00Z")},
	"ending too": {"subject": "CN=Other Root", "not_before": "2016-11-10T00:00:00Z", "not_after": "2026-11-10T00:00:00Z", "days_left": days_left("2026-11-10T00:00:00Z")},
	"expired": {"subject": "CN=Old Root", "not_before": "2010-01-01T00:00:00Z", "not_after": "2020-01-01T00:00:00Z", "days_left": days_left("2020-01-01T00:00:00Z")},
	"good": {"subject": "CN=New Root", "not_before": "2026-01-01T00:00:00Z", "not_after": "2036-01-01T00:00:00Z", "days_left": days_left("2036-01-01T00:00:00Z")},
	"short": {"subject": "CN=Short", "not_before": "2026-08-13T00:00:00Z", "not_after": "2026-11-11T00:00:00Z", "days_left": days_left("2026-11-11T00:00:00Z")},
	"endless": {"subject": "CN=Endless", "not_before": "2026-01-01T00:00:00Z", "not_after": "9999-12-31T23:59:59Z", "days_left": days_left("9999-12-31T23:59:59Z")},
}

days_left(not_after) := floor((time.parse_rfc3339_ns(not_after) - time.parse_rfc3339_ns("2026-11-01T12:00:00Z")) / 86400000000000) if {
	not_after < "2262"
}

days_left(not_after) := 2912126 if not_after > "2262"

document(hashes) := {
	"now": "2026-11-01T12:00:00Z",
	"refs": {"client-ca": [{
		"path": path,
		"key": "ca.crt",
		"use": "trust",
		"key": "ca.crt",
		"in_force": true,
		"label": "Secret shop/client-ca",
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": []},
	}]},
	"certificates": certificates,
	"params": {"certificates/ca-expiring": {"days": 30}},
}

test_finding if {
	findings := rule.findings with input as document(["ending"])
	findings == {{
		"path": path,
		"key": "ca.crt",
		"message": "CA \"CN=Root\" of Secret shop/client-ca expires on 2026-11-20, and no other one of it is valid for longer",
		"effect": "from then on every certificate that is checked against it is refused",
		"remedy": "add the CA that follows it now, and replace the certificates of the old one",
	}}
}

test_findings[name] if {
	some name, case in {
		"the last to end is named": {"hashes": ["ending too", "ending"], "want": {"CN=Root"}},
		"beside one that has ended": {"hashes": ["expired", "ending"], "want": {"CN=Root"}},
		"its successor is there": {"hashes": ["ending", "good"], "want": set()},
		"only one that has ended, which another rule says": {"hashes": ["expired"], "want": set()},
		"valid": {"hashes": ["good"], "want": set()},
		"without an end": {"hashes": ["endless", "ending"], "want": set()},
		"a short life": {"hashes": ["short"], "want": {"CN=Short"}},
	}
	findings := rule.findings with input as document(case.hashes)
	{subject | some f in findings; subject := split(f.message, "\"")[1]} == case.want
}

# The self-signed CA of a Certificate is renewed with it.
test_renewed_in_time if {
	producer := {"kind": "Certificate", "label": "Certificate shop/ca", "group": "cert-manager.io", "namespace": "shop", "name": "ca", "object": {"spec": {"renewBefore": "168h"}}}
	made := json.patch(document(["short"]), [{"op": "add", "path": "refs/client-ca/0/producer", "value": producer}])
	findings := rule.findings with input as made
	count(findings) == 0
}
