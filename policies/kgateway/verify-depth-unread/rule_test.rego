package policies.kgateway["verify-depth-unread_test"]

import data.policies.kgateway["verify-depth-unread"] as rule

judge(key) := count(findings) if {
	findings := rule.findings with input as {
		"id": {"group": "gateway.kgateway.dev", "version": "v1", "kind": "Upstream", "namespace": "shop", "name": "api", "label": "Upstream shop/api"},
		"object": {"metadata": {"annotations": {key: "2"}}},
	}
}

test_annotations if {
	judge("konghq.com/tls-verify-depth") == 1
	judge("example.com/verify-depth") == 0
}
