package policies.kgateway["backend-secret-missing_test"]

import data.policies.kgateway["backend-secret-missing"] as rule

judge(presence, skip) := {[f.message, f.effect] | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": {"targetRefs": [{"name": "api"}], "tls": {"insecureSkipVerify": skip}}},
		"refs": {"kgateway-backend-ca": [{
			"path": ["spec", "tls", "secretRef"], "label": "Secret shop/ca", "name": "ca",
			"presence": presence, "evidence": "complete", "state": "does not exist", "near": [],
		}]},
	}
}

test_presence if {
	judge("absent", false) == {["Secret shop/ca does not exist", "requests to api fail with 5xx"]}
	count(judge("absent", true)) == 0
	count(judge("unknown", false)) == 0
}
