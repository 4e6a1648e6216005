package policies["gateway-api"]["backend-option-invalid_test"]

import data.policies["gateway-api"]["backend-option-invalid"] as rule

judge(options) := {f.message | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": {"options": options}},
		"controllers": {"kgateway": {"certainty": "known"}},
		"refs": {"policy-target": [{"label": "Service shop/api"}]},
	}
}

test_options if {
	judge({"kgateway.dev/min-tls-version": "TLSv1_2"}) == {"kgateway does not know the TLS version \"TLSv1_2\""}
	judge({"kgateway.dev/min-tls-version": "1.3", "kgateway.dev/max-tls-version": "1.2"}) == {"1.3 is above 1.2 of kgateway.dev/max-tls-version"}
	judge({"kgateway.dev/verify-certificate-hash": "abc"}) == {"it is no SHA-256 in hex, or not only"}
	judge({"kgateway.dev/min-tls-version": "1.2", "kgateway.dev/max-tls-version": "1.3"}) == set()
}
