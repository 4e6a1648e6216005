package policies.gloo["renegotiation-allowed_test"]

import data.policies.gloo["renegotiation-allowed"] as rule

judge(value) := count(findings) if {
	findings := rule.findings with input as {
		"id": {"group": "", "version": "v1", "kind": "Upstream", "namespace": "shop", "name": "api", "label": "Upstream shop/api"},
		"object": {"spec": {"sslConfig": {"allowRenegotiation": value}}},
	}
}

test_values if {
	judge(true) == 1
	judge(false) == 0
}
