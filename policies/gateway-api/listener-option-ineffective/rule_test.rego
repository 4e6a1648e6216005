package policies["gateway-api"]["listener-option-ineffective_test"]

import data.policies["gateway-api"]["listener-option-ineffective"] as rule

judge(mode, options) := {f.effect | some f in findings} if {
	findings := rule.findings with input as {"object": {"spec": {"listeners": [{
		"name": "web",
		"protocol": "TLS",
		"tls": {"mode": mode, "options": options},
	}]}}}
}

suites(value) := {"gateway.istio.io/tls-cipher-suites": value}

protocol(value) := {"gateway.istio.io/listener-protocol": value}

terminates(value) := {"gateway.istio.io/tls-terminate-mode": value}

test_option[name] if {
	some name, case in {
		"known": {"mode": "Terminate", "options": suites("AES128-SHA, ALL"), "want": set()},
		"a group": {"mode": "Terminate", "options": suites("[A|B],-C"), "want": set()},
		"a variable": {"mode": "Terminate", "options": suites("${SUITES}"), "want": set()},
		"none known": {"mode": "Terminate", "options": suites("TLS_AES_128_GCM_SHA256"), "want": {"clients of listener web are offered Envoy's default suites"}},
		"one known": {"mode": "Terminate", "options": suites("X,AES128-SHA,"), "want": {"only 1 of 2 suites are offered"}},
		"the mesh's": {"mode": "Terminate", "options": object.union(suites("X"), terminates("ISTIO_MUTUAL")), "want": {"the option does nothing"}},
		"mutual": {"mode": "Terminate", "options": object.union(suites("AES128-SHA"), terminates("MUTUAL")), "want": set()},
		"for other clusters": {"mode": "Passthrough", "options": protocol("auto-passthrough"), "want": set()},
		"for other clusters, misspelt": {"mode": "Passthrough", "options": protocol("AUTO_PASSTHROUGH"), "want": {unled}},
		"for other clusters, ended": {"mode": "Terminate", "options": protocol("auto-passthrough"), "want": {unled}},
		"for other clusters, a variable": {"mode": "Passthrough", "options": protocol("${PROTOCOL}"), "want": set()},
		"passed through": {"mode": "Passthrough", "options": object.union(suites("X"), terminates("MUTUAL")), "want": {"clients of listener web meet whatever the backend asks for"}},
	}
	judge(case.mode, case.options) == case.want
}

unled := "connections from other clusters of the mesh are not led to the services of this one"

# The label and the port say it too.
test_labelled if {
	findings := rule.findings with input as {"object": {
		"metadata": {"labels": {"topology.istio.io/network": "west"}},
		"spec": {"listeners": [{"name": "web", "protocol": "TLS", "tls": {"mode": "Passthrough", "options": protocol("tls-passthrough")}}]},
	}}
	findings == set()
}
