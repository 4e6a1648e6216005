package policies["gateway-api"]["backend-ca-missing_test"]

import data.policies["gateway-api"]["backend-ca-missing"] as rule

path := ["spec", "validation", "caCertificateRefs", 0]

missing := {
	"path": path,
	"kind": "ConfigMap",
	"namespace": "shop",
	"name": "backend-ca",
	"label": "ConfigMap shop/backend-ca",
	"presence": "absent",
	"evidence": "complete",
	"state": "does not exist",
	"near": [],
}

target := {"label": "Service shop/api"}

test_missing if {
	findings := rule.findings with input as {"refs": {"backend-ca": [missing], "policy-target": [target]}}
	findings == {{
		"path": path,
		"message": "ConfigMap shop/backend-ca does not exist",
		"effect": "requests to Service shop/api fail with 5xx",
		"remedy": "create the ConfigMap with the CA under ca.crt",
	}}
}

test_each_missing_one if {
	second := object.union(missing, {"path": ["spec", "validation", "caCertificateRefs", 1], "kind": "Secret", "label": "Secret shop/ca"})
	findings := rule.findings with input as {"refs": {"backend-ca": [missing, second]}}
	{[f.path[3], f.effect, f.remedy] | some f in findings} == {
		[0, "requests to its target fail with 5xx", "create the ConfigMap with the CA under ca.crt"],
		[1, "requests to its target fail with 5xx", "create the Secret with the CA under ca.crt"],
	}
}

test_silent[name] if {
	some name, refs in {
		"unknown": {"backend-ca": [object.union(missing, {"presence": "unknown", "evidence": ""})]},
		"promised": {"backend-ca": [object.union(missing, {"presence": "promised", "evidence": ""})]},
		"present": {"backend-ca": [object.union(missing, {"presence": "present", "evidence": ""})]},
		"a kind without a namespace": {"backend-ca": [object.union(missing, {"kind": "ClusterTrustBundle"})]},
		"a kind that no controller reads": {"backend-ca": [object.union(missing, {"kind": "Certificate"})]},
		"no reference": {},
	}
	findings := rule.findings with input as {"refs": refs}
	count(findings) == 0
}

test_kong if {
	findings := rule.findings with input as {"refs": {"backend-ca": [missing], "policy-target": [target]}, "controllers": {"kong": {"certainty": "known"}}}
	{f.effect | some f in findings} == {"requests to Service shop/api are sent unencrypted"}
}
