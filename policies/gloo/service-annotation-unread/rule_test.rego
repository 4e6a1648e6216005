package policies.gloo["service-annotation-unread_test"]

import data.policies.gloo["service-annotation-unread"] as rule

judge(key, value) := {f.message | some f in findings} if {
	findings := rule.findings with input as {
		"id": {"group": "", "version": "v1", "kind": "Service", "namespace": "shop", "name": "api", "label": "Service shop/api"},
		"object": {"metadata": {"annotations": {key: value}}, "spec": {"ports": [{"port": 8443}]}},
	}
}

test_annotations if {
	judge("gloo.solo.io/sslservice.secret", "x") == {"Gloo reads no annotation gloo.solo.io/sslservice.secret"}
	judge("gloo.solo.io/sslService.rootCA", "x") == {"Gloo reads no annotation gloo.solo.io/sslService.rootCA"}
	judge("gloo.solo.io/sslService.secret", "443:x") == {"Service shop/api has no port 443"}
	judge("gloo.solo.io/sslService.secret", "8443:x") == set()
	judge("gloo.solo.io/sslService.secret", "https:x") == set()
	judge("gloo.solo.io/sslService.secret", "x") == set()
	judge("gloo.solo.io/h2_service", "true") == set()
}
