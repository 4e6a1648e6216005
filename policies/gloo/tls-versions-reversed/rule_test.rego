package policies.gloo["tls-versions-reversed_test"]

import data.policies.gloo["tls-versions-reversed"] as rule

judge(low, high) := {f.message | some f in findings} if {
	findings := rule.findings with input as {"object": {"spec": {"sslConfig": {"parameters": {"minimumProtocolVersion": low, "maximumProtocolVersion": high}}}}}
}

test_versions if {
	judge("TLSv1_3", "TLSv1_2") == {"TLSv1_3 is above maximumProtocolVersion TLSv1_2"}
	count(judge("TLSv1_2", "TLSv1_2")) == 0
	count(judge("TLSv1_2", "TLSv1_3")) == 0
	count(judge("TLSv1_2", "TLS_AUTO")) == 0
	count(judge(3, "TLSv1_2")) == 0
}
