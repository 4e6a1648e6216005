package policies.kgateway["backend-not-verified_test"]

import data.policies.kgateway["backend-not-verified"] as rule

judge(tls, presence) := {f.message | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": {"targetRefs": [{"name": "api"}], "tls": tls}},
		"refs": {"kgateway-backend-ca": [{"path": ["spec", "tls", "secretRef"], "label": "Secret shop/tls", "presence": "present", "key_presence": presence}]},
	}
}

test_sources if {
	judge({"insecureSkipVerify": true}, "absent") == {"insecureSkipVerify is on"}
	judge({"secretRef": {"name": "tls"}}, "absent") == {"Secret shop/tls has no ca.crt"}
	judge({"secretRef": {"name": "tls"}}, "present") == set()
	judge({"secretRef": {"name": "tls"}, "verifySubjectAltNames": ["a"]}, "absent") == set()
	judge({"files": {"tlsCertificate": "a"}}, "present") == {"there is no rootCA"}
	judge({"tlsFiles": {"rootCA": "a"}}, "present") == set()
	judge({"wellKnownCACertificates": "System"}, "absent") == set()
}

test_replaced[name] if {
	policy := {"kind": "BackendTLSPolicy", "path": ["spec", "targetRefs", 0]}
	some name, case in {
		"by a policy for its only target": {"targets": {"targetRefs": [{"name": "api"}]}, "peers": [policy], "want": 0},
		"for one of two": {"targets": {"targetRefs": [{"name": "api"}, {"name": "web"}]}, "peers": [policy], "want": 1},
		"and chosen by labels": {"targets": {"targetRefs": [{"name": "api"}], "targetSelectors": [{"matchLabels": {}}]}, "peers": [policy], "want": 1},
		"for nothing": {"targets": {}, "peers": [policy], "want": 1},
		"by no policy": {"targets": {"targetRefs": [{"name": "api"}]}, "peers": [], "want": 1},
	}
	findings := rule.findings with input as {
		"object": {"spec": object.union(case.targets, {"tls": {"insecureSkipVerify": true}})},
		"peers": {"backend-policy": case.peers},
	}
	count(findings) == case.want
}
