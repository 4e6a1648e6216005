package policies.gloo["staple-missing_test"]

import data.policies.gloo["staple-missing"] as rule

judge(policy, ref) := {f.message | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": {"sslConfig": {"ocspStaplePolicy": policy}}},
		"refs": {"gloo-certificate": [object.union(
			{"path": ["spec", "sslConfig", "secretRef"], "label": "Secret shop/web-tls", "presence": "present", "keys": ["tls.crt"], "keys_open": false},
			ref,
		)]},
	}
}

test_policies if {
	judge("MUST_STAPLE", {}) == {"Secret shop/web-tls has no tls.ocsp-staple"}
	count(judge("STRICT_STAPLING", {})) == 0
	count(judge("MUST_STAPLE", {"keys_open": true})) == 0
	count(judge("MUST_STAPLE", {"keys": ["tls.crt", "tls.ocsp-staple"]})) == 0
}
