package policies["gateway-api"]["client-certificate-unread_test"]

import data.policies["gateway-api"]["client-certificate-unread"] as rule

test_set if {
	findings := rule.findings with input as {"object": {"spec": {"tls": {"backend": {"clientCertificateRef": {"name": "web"}}}}}}
	count(findings) == 1
}

test_not_set if {
	findings := rule.findings with input as {"object": {"spec": {"tls": {"frontend": {}}}}}
	count(findings) == 0
}
