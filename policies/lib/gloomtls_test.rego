package lib.gloomtls_test

import data.lib.gloomtls

workload(label, containers) := {
	"metadata": {"labels": {"gloo": label}},
	"spec": {"template": {"spec": {"containers": [{"name": name} | some name in containers]}}},
}

test_loopback[address] if {
	some address, want in {
		"127.0.0.1:9999": 1,
		"localhost:9999": 1,
		"[::1]:9999": 1,
		"0.0.0.0:9977": 0,
		":9977": 0,
		"": 0,
	}
	count([true | gloomtls.loopback(address)]) == want
}

test_address[name] if {
	some name, case in {
		"set": {"settings": {"spec": {"gloo": {"xdsBindAddr": "127.0.0.1:9999"}}}, "want": "127.0.0.1:9999"},
		"not set": {"settings": {"spec": {}}, "want": "0.0.0.0:9977"},
	}
	gloomtls.address(case.settings) == case.want
}

test_planes if {
	peers := [{"object": object} | some object in [
		workload("gloo", ["sds", "gloo"]),
		workload("gloo", ["discovery"]),
		workload("gateway-proxy", ["gloo"]),
		{"metadata": {}},
	]]
	count(gloomtls.planes) == 1 with input as {"peers": {"gloo-workload": peers}}
}

test_settings if {
	count(gloomtls.settings) == 1 with input as {"peers": {"gloo-settings": [{"kind": "Settings"}, {"kind": "Other"}]}}
}
