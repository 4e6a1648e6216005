package policies["envoy-gateway"]["clients-not-verified_test"]

import data.policies["envoy-gateway"]["clients-not-verified"] as rule

test_verdict[name] if {
	some name, case in {
		"Request": {"validation": {"mode": "Request"}, "want": {["warning", "requests reach backends with a certificate that anybody made, or with none"]}},
		"RequireAny": {"validation": {"mode": "RequireAny"}, "want": {["warning", "requests reach backends with a certificate that anybody made"]}},
		"VerifyIfGiven": {"validation": {"mode": "VerifyIfGiven"}, "want": {["info", "requests reach backends without a certificate"]}},
		"optional": {"validation": {"optional": true}, "want": {["info", "requests reach backends without a certificate"]}},
		"optional, which a mode overrides": {"validation": {"mode": "RequireAndVerify", "optional": true}, "want": set()},
		"expired": {"validation": {"allowExpiredCertificate": true}, "want": {["warning", "requests reach backends with a certificate that has expired"]}},
		"all verified": {"validation": {"mode": "RequireAndVerify", "optional": false, "allowExpiredCertificate": false}, "want": set()},
	}
	findings := rule.findings with input as {"object": {"spec": {"tls": {"clientValidation": case.validation}}}}
	{[object.get(f, "severity", "warning"), f.effect] | some f in findings} == case.want
}
