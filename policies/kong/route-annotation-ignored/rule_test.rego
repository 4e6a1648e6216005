package policies.kong["route-annotation-ignored_test"]

import data.policies.kong["route-annotation-ignored"] as rule

ingress(annotations) := {"controllers": {"kong": {"certainty": "known"}}, "object": {"metadata": {"annotations": annotations}}}

code := "konghq.com/https-redirect-status-code"

snis := "konghq.com/snis"

protocols := "konghq.com/protocols"

test_code if {
	findings := rule.findings with input as ingress({code: "303"})
	findings == {{
		"path": ["metadata", "annotations", code],
		"message": "Kong ignores \"303\": it takes 301, 302, 307, 308 and 426",
		"effect": "plain requests get 426, and no redirect to https",
		"remedy": "set it to \"301\" or \"308\"",
		"severity": "warning",
	}}
}

test_found[name] if {
	some name, case in {
		"a wildcard": {"mine": {snis: "api.shop.test, *.shop.test"}, "message": "\"*.shop.test\" is no host name to Kong, and the whole list is dropped"},
		"an unknown protocol": {"mine": {protocols: "HTTPS"}, "message": "Kong knows no protocol \"HTTPS\", and drops the whole list"},
		"no TLS": {"mine": {snis: "api.shop.test", protocols: "http, grpc"}, "message": "names that clients ask for by TLS are listed, and konghq.com/protocols is grpc and http"},
	}
	findings := rule.findings with input as ingress(case.mine)
	{f.message | some f in findings} == {case.message}
}

test_silent[name] if {
	some name, mine in {
		"all right": {code: "308", snis: "api.shop.test", protocols: "https,http"},
		"by default": {snis: "api.shop.test"},
		"empty": {code: "", snis: "", protocols: " "},
		"filled in later": {code: "${CODE}", snis: "${HOST}", protocols: "${PROTOCOLS}"},
	}
	findings := rule.findings with input as ingress(mine)
	count(findings) == 0
}
