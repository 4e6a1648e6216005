package policies.kong["verify-depth-invalid_test"]

import data.policies.kong["verify-depth-invalid"] as rule

service(depth) := {"id": {"kind": "Service", "label": "Service shop/api"}, "object": {"metadata": {"annotations": {"konghq.com/tls-verify-depth": depth}}}}

test_a_service[name] if {
	some name, case in {
		"no number": {"depth": "two", "message": "konghq.com/tls-verify-depth \"two\" is no whole number, and Kong ignores it", "severity": "warning"},
		"a fraction": {"depth": "1.5", "message": "konghq.com/tls-verify-depth \"1.5\" is no whole number, and Kong ignores it", "severity": "warning"},
		"negative": {"depth": "-1", "message": "Kong takes a depth from 0 to 64, not -1", "severity": ""},
		"too many": {"depth": "065", "message": "Kong takes a depth from 0 to 64, not 065", "severity": ""},
	}
	findings := rule.findings with input as service(case.depth)
	{[f.message, object.get(f, "severity", "")] | some f in findings} == {[case.message, case.severity]}
}

test_a_service_silent[depth] if {
	some depth in ["0", "+2", "64", "", "${DEPTH}"]
	findings := rule.findings with input as service(depth)
	count(findings) == 0
}

policy(depth) := {
	"id": {"kind": "BackendTLSPolicy"},
	"controllers": {"kong": {"certainty": "known"}},
	"object": {"spec": {"options": {"tls-verify-depth": depth}}},
}

test_a_policy if {
	findings := rule.findings with input as policy("99")
	{[f.path, f.message] | some f in findings} == {[["spec", "options", "tls-verify-depth"], "Kong takes a depth from 0 to 64, not 99"]}
}

test_a_policy_silent[depth] if {
	some depth in ["64", "-1", "deep"]
	findings := rule.findings with input as policy(depth)
	count(findings) == 0
}
