package policies.gloo["verify-depth-unread_test"]

import data.policies.gloo["verify-depth-unread"] as rule

judge(key) := count(findings) if {
	findings := rule.findings with input as {
		"id": {"group": "gloo.solo.io", "version": "v1", "kind": "Upstream", "namespace": "shop", "name": "api", "label": "Upstream shop/api"},
		"object": {"metadata": {"annotations": {key: "2"}}},
	}
}

test_annotations if {
	judge("konghq.com/tls-verify-depth") == 1
	judge("example.com/verify-depth") == 0
}
