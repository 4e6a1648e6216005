package policies.kgateway["files-refused_test"]

import data.policies.kgateway["files-refused"] as rule

judge(tls) := {f.path[2] | some f in findings} if {
	findings := rule.findings with input as {"object": {"spec": {"targetRefs": [{"name": "api"}], "tls": tls}}}
}

test_files if {
	judge({"files": {"tlsCertificate": "/tls.crt"}}) == {"files"}
	judge({"tlsFiles": {"tlsCertificate": "/tls.crt"}}) == {"tlsFiles"}
	judge({"files": {"tlsCertificate": "/tls.crt"}, "simpleTLS": true}) == set()
	judge({"files": {"rootCA": "/ca.crt"}}) == set()
}
