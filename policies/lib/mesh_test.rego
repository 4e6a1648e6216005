package lib.mesh_test

import data.lib.mesh

rule := {"spec": {
	"host": "db",
	"trafficPolicy": {
		"tls": {"mode": "SIMPLE"},
		"portLevelSettings": [{"port": {"number": 443}, "tls": {"mode": "MUTUAL"}}, {"port": {"number": 80}}],
	},
	"subsets": [{"name": "v1", "trafficPolicy": {"tls": {"mode": "DISABLE"}}}],
}}

test_for_port[name] if {
	some name, case in {
		"one with settings": {"port": 443, "want": ["MUTUAL"]},
		"one without TLS": {"port": 80, "want": []},
		"another": {"port": 8443, "want": ["SIMPLE"]},
	}
	[entry.policy.tls.mode | some entry in mesh.for_port(rule, case.port)] == case.want
}

test_before[name] if {
	some name, case in {
		"older": {"version": "1.20.3", "want": true},
		"with a letter": {"version": "v1.9", "want": true},
		"the same": {"version": "1.21", "want": false},
		"newer": {"version": "1.30", "want": false},
		"not said": {"version": "", "want": false},
		"another product's": {"version": "26.7", "want": false},
	}
	told := mesh_before(case.version)
	told == case.want
}

default mesh_before(_) := false

mesh_before(version) if mesh.before(21) with input as {"settings": {"istio": {"version": {"value": version}}}}

test_related if {
	peer := {"group": "g", "kind": "K", "namespace": "shop", "name": "n", "their_path": ["spec"], "label": "K shop/n"}
	mesh.related(peer, "why") == {"group": "g", "kind": "K", "namespace": "shop", "name": "n", "path": ["spec"], "message": "why"}
}
