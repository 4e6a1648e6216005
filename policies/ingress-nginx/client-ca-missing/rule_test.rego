package policies["ingress-nginx"]["client-ca-missing_test"]

import data.policies["ingress-nginx"]["client-ca-missing"] as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

missing := {
	"path": path,
	"kind": "Secret",
	"namespace": "shop",
	"name": "client-ca",
	"label": "Secret shop/client-ca",
	"presence": "absent",
	"evidence": "complete",
	"state": "is not in this tree and nothing here creates it",
	"near": [],
}

ingress := {"spec": {"rules": [{"host": "api.shop.test"}]}}

test_missing if {
	findings := rule.findings with input as {"object": ingress, "refs": {"client-ca": [missing]}}
	findings == {{
		"path": path,
		"message": "Secret shop/client-ca is not in this tree and nothing here creates it",
		"effect": "every request to api.shop.test gets 403",
		"remedy": "create the Secret with the CA under ca.crt",
	}}
}

test_missing_with_a_similar_name_near if {
	near := [{"label": "Secret shop/clients-ca", "why": "here"}]
	findings := rule.findings with input as {"object": ingress, "refs": {"client-ca": [object.union(missing, {"near": near})]}}
	{f.remedy | some f in findings} == {"create the Secret with the CA under ca.crt, or refer to Secret shop/clients-ca"}
}

test_silent[name] if {
	some name, refs in {
		"unknown": {"client-ca": [object.union(missing, {"presence": "unknown", "evidence": ""})]},
		"promised": {"client-ca": [object.union(missing, {"presence": "promised", "evidence": ""})]},
		"present": {"client-ca": [object.union(missing, {"presence": "present", "evidence": ""})]},
		"another role": {"upstream-ca": [missing]},
		"no reference": {},
	}
	findings := rule.findings with input as {"object": ingress, "refs": refs}
	count(findings) == 0
}
