package policies["gateway-api"]["backend-verify-depth-too-small_test"]

import data.policies["gateway-api"]["backend-verify-depth-too-small"] as rule

certificates := {
	"root": {"subject": "CN=Root", "issuer": "CN=Root", "self_signed": true},
	"one": {"subject": "CN=One", "issuer": "CN=Root", "self_signed": false},
	"two": {"subject": "CN=Two", "issuer": "CN=One", "self_signed": false},
}

judge(option, cas, controllers) := findings if {
	findings := rule.findings with input as {
		"id": {"kind": "BackendTLSPolicy"},
		"object": {"spec": {"options": {"tls-verify-depth": option}}},
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {
			"kong-policy-ca": [{"content": {"certificates": [hash]}} | some hash in cas],
			"policy-target": [{"label": "Service shop/api"}],
		},
		"certificates": certificates,
	}
}

test_finding if {
	judge("1", ["root", "one", "two"], ["kong"]) == {{
		"path": ["spec", "options", "tls-verify-depth"],
		"message": "the verify depth is 1, and the CAs in use need 2",
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
		"enough": {"option": "2", "cas": ["root", "one", "two"], "want": 0},
		"more": {"option": "3", "cas": ["root", "one", "two"], "want": 0},
		"less": {"option": "0", "cas": ["root", "one", "two"], "want": 1},
		"no number, which another rule reports": {"option": "two", "cas": ["root", "one", "two"], "want": 0},
		"a negative one, which Kong ignores": {"option": "-1", "cas": ["root", "one", "two"], "want": 0},
		"nothing below": {"option": "0", "cas": ["root"], "want": 0},
	}
	count(judge(case.option, case.cas, ["kong"])) == case.want
}

test_controllers if {
	[f.remedy | some f in judge("1", ["root", "one", "two"], ["kong", "kgateway"]); not f.fix] == ["set tls-verify-depth to \"2\""]
	judge("1", ["root", "one", "two"], ["istio"]) == set()
}
