package policies.kgateway["names-without-ca_test"]

import data.policies.kgateway["names-without-ca"] as rule

judge(tls, presence) := {[f.path[2], f.message] | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": {"targetRefs": [{"name": "api"}], "tls": tls}},
		"refs": {"kgateway-backend-ca": [{"presence": "present", "key_presence": presence}]},
	}
}

test_sources if {
	none := "there is no CA by which a could be verified"
	judge({"secretRef": {"name": "tls"}, "verifySubjectAltNames": ["a"]}, "absent") == {["verifySubjectAltNames", none]}
	judge({"tlsFiles": {"tlsKey": "x"}, "verifySubjectAltName": ["a"]}, "present") == {["verifySubjectAltName", none]}
	judge({"insecureSkipVerify": true, "verifySubjectAltNames": ["a"]}, "present") == {["verifySubjectAltNames", "insecureSkipVerify drops a"]}
	judge({"secretRef": {"name": "tls"}, "verifySubjectAltNames": ["a"]}, "present") == set()
	judge({"wellKnownCACertificates": "System", "verifySubjectAltNames": ["a"]}, "absent") == set()
	judge({"sni": "a", "verifySubjectAltNames": ["a"]}, "absent") == set()
}
