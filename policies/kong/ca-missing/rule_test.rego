package policies.kong["ca-missing_test"]

import data.policies.kong["ca-missing"] as rule

path := ["metadata", "annotations", "konghq.com/ca-certificates-secrets"]

ref := {
	"path": path,
	"kind": "Secret",
	"name": "backend-ca",
	"label": "Secret shop/backend-ca",
	"presence": "absent",
	"evidence": "complete",
	"state": "does not exist",
	"near": [],
	"in_force": true,
}

service(known) := {"id": {"kind": "Service", "label": "Service shop/api", "namespace": "shop"}, "refs": {"kong-ca": [object.union(ref, known)]}}

test_missing if {
	findings := rule.findings with input as service({})
	findings == {{
		"path": path,
		"message": "Secret shop/backend-ca does not exist",
		"effect": "requests to Service shop/api get 502 where its certificate is of that CA",
		"remedy": "create the Secret with the CA under ca.crt, an id, and the label konghq.com/ca-cert",
	}}
}

test_of_another_namespace if {
	findings := rule.findings with input as {
		"id": {"kind": "Service", "label": "Service shop/api", "namespace": "shop"},
		"refs": {},
		"malformed": {"kong-ca": [{"path": path, "title": "backend CA", "want": "names", "text": "infra/root", "in_force": true}]},
	}
	{f.message | some f in findings} == {"\"infra/root\" is no name, and Kong looks in namespace shop only"}
}

test_silent[name] if {
	some name, known in {"present": {"presence": "present"}, "promised": {"presence": "promised"}, "not verified": {"in_force": false}}
	findings := rule.findings with input as service(known)
	count(findings) == 0
}
