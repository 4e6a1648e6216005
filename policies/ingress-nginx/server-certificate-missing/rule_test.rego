package policies["ingress-nginx"]["server-certificate-missing_test"]

import data.policies["ingress-nginx"]["server-certificate-missing"] as rule

ref := {
	"path": ["spec", "tls", 0, "secretName"],
	"name": "api-tls",
	"label": "Secret shop/api-tls",
	"presence": "absent",
	"evidence": "complete",
	"state": "does not exist",
	"near": [],
}

ingress := {"spec": {"tls": [{"hosts": ["api.shop.test", "www.shop.test"], "secretName": "api-tls"}]}}

test_finding if {
	findings := rule.findings with input as {"object": ingress, "refs": {"server-certificate": [ref]}}
	findings == {{
		"path": ["spec", "tls", 0, "secretName"],
		"message": "Secret shop/api-tls does not exist",
		"effect": "clients of api.shop.test and www.shop.test are shown the default certificate of the controller",
		"remedy": "create the Secret with tls.crt and tls.key",
		"severity": "warning",
	}}
}

test_severity[evidence] if {
	some evidence, want in {"near-miss": "warning", "siblings": "info"}
	findings := rule.findings with input as {"object": ingress, "refs": {"server-certificate": [object.union(ref, {"evidence": evidence})]}}
	{f.severity | some f in findings} == {want}
}

test_silent[name] if {
	some name, case in {
		"unknown": {"object": ingress, "ref": {"presence": "unknown", "evidence": ""}},
		"promised": {"object": ingress, "ref": {"presence": "promised", "evidence": ""}},
		"for no host": {"object": {"spec": {"tls": [{"secretName": "api-tls"}]}}, "ref": {}},
		"for an empty list": {"object": {"spec": {"tls": [{"hosts": [], "secretName": "api-tls"}]}}, "ref": {}},
	}
	findings := rule.findings with input as {"object": case.object, "refs": {"server-certificate": [object.union(ref, case.ref)]}}
	count(findings) == 0
}
