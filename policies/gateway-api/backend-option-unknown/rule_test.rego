package policies["gateway-api"]["backend-option-unknown_test"]

import data.policies["gateway-api"]["backend-option-unknown"] as rule

judge(options, controllers) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"options": options}},
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"policy-target": [{"label": "Service shop/api"}]},
	}
}

test_kgateway if {
	judge({"tls-verify-depth": "2", "kgateway.dev/cipher-suites": "x"}, ["kgateway"]) == {{
		"path": ["spec", "options", "tls-verify-depth"],
		"message": "kgateway refuses a policy with the option tls-verify-depth",
		"effect": "requests to Service shop/api fail with 5xx",
		"remedy": "remove the option",
	}}
}

test_kong_depth if {
	judge({"tls-verify-depth": "two"}, ["kong"]) == {{
		"path": ["spec", "options", "tls-verify-depth"],
		"message": "Kong ignores tls-verify-depth \"two\", which is no whole number",
		"effect": "certificates of Service shop/api with more than one intermediate are refused",
		"remedy": "set it to the number of intermediates between the backend's certificate and its root, in quotes",
		"severity": "warning",
	}}
}

test_depths[value] if {
	some value, want in {"2": 0, "+2": 0, "0": 0, "": 1, "-1": 1, "2 ": 1, "2.0": 1}
	count(judge({"tls-verify-depth": value}, ["kong"])) == want
}

test_unknown if {
	judge({"verify": "x"}, ["istio"]) == {{
		"path": ["spec", "options", "verify"],
		"message": "Istio knows no option verify, nor any other",
		"effect": "the option does nothing",
		"remedy": "remove it",
		"severity": "warning",
	}}
}

test_kong_key if {
	{[f.message, f.remedy] | some f in judge({"konghq.com/tls-verify-depth": "2"}, ["kong"])} == {[
		"Kong knows no option konghq.com/tls-verify-depth, only tls-verify-depth",
		"remove it, or write tls-verify-depth if that is meant",
	]}
}

test_silent[name] if {
	some name, case in {
		"for another one": {"options": {"kgateway.dev/min-tls-version": "1.2"}, "controllers": ["envoy-gateway"]},
		"read by another one": {"options": {"tls-verify-depth": "2"}, "controllers": ["istio", "kong"]},
		"none": {"options": {}, "controllers": ["kgateway", "kong", "istio"]},
		"somebody nobody described": {"options": {"verify": "x"}, "controllers": ["example.com/own"]},
	}
	judge(case.options, case.controllers) == set()
}
