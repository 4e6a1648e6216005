package policies.kgateway["trust-source-unclear_test"]

import data.policies.kgateway["trust-source-unclear"] as rule

judge(tls) := {f.message | some f in findings} if {
	findings := rule.findings with input as {"object": {"spec": {"tls": tls}}}
}

test_sources if {
	judge({"secretRef": {"name": "ca"}, "wellKnownCACertificates": "System"}) == {"it has secretRef and wellKnownCACertificates"}
	judge({}) == {"it has neither a CA nor sni"}
	judge({"insecureSkipVerify": false}) == {"it has neither a CA nor sni"}
	judge({"insecureSkipVerify": true}) == set()
	judge({"sni": "a.test"}) == set()
	judge({"sni": "a.test", "insecureSkipVerify": false}) == {"insecureSkipVerify: false names no CA, and only the newest releases take those of the system then"}
	judge({"sni": "a.test", "insecureSkipVerify": true}) == set()
	judge({"sni": "a.test", "wellKnownCACertificates": "System"}) == set()
	judge({"files": {"rootCA": "a"}}) == set()
}
