package policies.gloo["tls-version-old_test"]

import data.policies.gloo["tls-version-old"] as rule

test_versions[version] if {
	some version, want in {"TLSv1_0": 1, "TLSv1_1": 1, "TLSv1_2": 0, "TLS_AUTO": 0}
	findings := rule.findings with input as {"object": {"spec": {"sslConfig": {"parameters": {"minimumProtocolVersion": version}}}}}
	count(findings) == want
}
