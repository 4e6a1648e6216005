package policies["gateway-api"]["backend-verify-depth-too-small_test"]

import data.policies["gateway-api"]["backend-verify-depth-too-small"] as rule

ca(name, depth) := {"label": sprintf("ConfigMap shop/%s", [name]), "content": {"depth": depth}}

judge(options, cas, controllers) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"options": options}},
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"backend-ca": cas, "policy-target": [{"label": "Service shop/api"}]},
	}
}

test_finding if {
	judge({}, [ca("ca", 2)], ["kong"]) == {{
		"path": ["spec", "options", "tls-verify-depth"],
		"message": "the verify depth is 1, and the CAs of ConfigMap shop/ca need 2",
		"effect": "requests to Service shop/api fail with 5xx where its certificate has more intermediates than 1",
		"remedy": "set tls-verify-depth to \"2\"",
		"fix": {
			"title": "set tls-verify-depth to \"2\"",
			"safe": true,
			"edits": [{"op": "set", "path": ["spec", "options", "tls-verify-depth"], "value": "2"}],
		},
	}}
}

test_depths[name] if {
	some name, case in {
		"enough": {"options": {"tls-verify-depth": "2"}, "needed": 2, "want": 0},
		"more": {"options": {"tls-verify-depth": "3"}, "needed": 2, "want": 0},
		"less": {"options": {"tls-verify-depth": "0"}, "needed": 2, "want": 1},
		"no number": {"options": {"tls-verify-depth": "two"}, "needed": 2, "want": 1},
		"one is the default": {"options": {}, "needed": 1, "want": 0},
	}
	count(judge(case.options, [ca("ca", case.needed)], ["kong"])) == case.want
}

# The greatest is set.
test_several if {
	{[f.remedy, count(object.get(f, ["fix", "edits"], []))] | some f in judge({}, [ca("a", 2), ca("b", 3), {"label": "ConfigMap shop/c"}], ["kong"])} == {
		["set tls-verify-depth to \"2\"", 0],
		["set tls-verify-depth to \"3\"", 1],
	}
}

test_controllers if {
	{object.get(f, "fix", null) | some f in judge({}, [ca("ca", 2)], ["kong", "kgateway"])} == {null}
	judge({}, [ca("ca", 2)], ["istio"]) == set()
}
