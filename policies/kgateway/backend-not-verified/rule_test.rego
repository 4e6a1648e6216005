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
