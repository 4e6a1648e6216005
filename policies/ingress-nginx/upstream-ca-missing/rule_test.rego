package policies["ingress-nginx"]["upstream-ca-missing_test"]

import data.policies["ingress-nginx"]["upstream-ca-missing"] as rule

secret := "nginx.ingress.kubernetes.io/proxy-ssl-secret"

missing := {
	"path": ["metadata", "annotations", secret],
	"kind": "Secret",
	"namespace": "shop",
	"name": "upstream-ca",
	"label": "Secret shop/upstream-ca",
	"presence": "absent",
	"evidence": "complete",
	"state": "does not exist",
	"near": [],
}

judge(annotations, refs) := findings if {
	document := {"object": {"metadata": {"annotations": object.union({secret: "shop/upstream-ca"}, annotations)}}, "refs": refs}
	findings := rule.findings with input as document
}

test_missing if {
	judge({}, {"upstream-ca": [missing]}) == {{
		"path": missing.path,
		"message": "Secret shop/upstream-ca does not exist",
		"effect": "every request to the paths of this Ingress gets 503",
		"remedy": "create the Secret with the CA of the backends under ca.crt",
	}}
}

test_missing_with_a_similar_name_near if {
	near := [{"label": "Secret shop/upstreams-ca", "why": "here"}]
	findings := judge({}, {"upstream-ca": [object.union(missing, {"near": near})]})
	{f.remedy | some f in findings} == {"create the Secret with the CA of the backends under ca.crt, or refer to Secret shop/upstreams-ca"}
}

test_silent[name] if {
	some name, case in {
		"unknown": {"refs": {"upstream-ca": [object.union(missing, {"presence": "unknown", "evidence": ""})]}},
		"promised": {"refs": {"upstream-ca": [object.union(missing, {"presence": "promised", "evidence": ""})]}},
		"present": {"refs": {"upstream-ca": [object.union(missing, {"presence": "present", "evidence": ""})]}},
		"another role": {"refs": {"client-ca": [missing]}},
		"no reference": {"refs": {}},
		"a canary, which makes no paths": {
			"annotations": {"nginx.ingress.kubernetes.io/canary": "true"},
			"refs": {"upstream-ca": [missing]},
		},
	}
	count(judge(object.get(case, "annotations", {}), case.refs)) == 0
}
