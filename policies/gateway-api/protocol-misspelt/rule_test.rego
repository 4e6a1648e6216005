package policies["gateway-api"]["protocol-misspelt_test"]

import data.policies["gateway-api"]["protocol-misspelt"] as rule

test_verdict[name] if {
	some name, case in {
		"small letters": {"protocol": "https", "want": {["write HTTPS", "protocol \"https\" is none, HTTPS is"]}},
		"mixed letters": {"protocol": "Tls", "want": {["write TLS", "protocol \"Tls\" is none, TLS is"]}},
		"right": {"protocol": "HTTPS", "want": set()},
		"somebody's own": {"protocol": "example.com/quic", "want": set()},
	}
	findings := rule.findings with input as {"object": {"spec": {"listeners": [{"name": "web", "protocol": case.protocol}]}}}
	{[f.remedy, f.message] | some f in findings} == case.want
}
