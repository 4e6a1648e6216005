package policies["gateway-api"]["terminate-mode-without-ca_test"]

import data.policies["gateway-api"]["terminate-mode-without-ca"] as rule

listener := {"name": "web", "port": 443, "protocol": "HTTPS", "tls": {"certificateRefs": [{"name": "web"}]}}

frontend := {"frontend": {"default": {"validation": {}}}}

document(key_presence, tls, peers) := {
	"object": {"spec": {"listeners": [listener], "tls": tls}},
	"peers": peers,
	"refs": {"listener-client-ca": [{
		"path": ["spec", "listeners", 0, "tls", "certificateRefs", 0],
		"name": "web",
		"label": "Secret shop/web",
		"key_presence": key_presence,
	}]},
}

test_verdict[name] if {
	some name, case in {
		"none": {"document": document("absent", {}, {}), "want": 1},
		"nobody knows": {"document": document("unknown", {}, {}), "want": 0},
		"there": {"document": document("present", {}, {}), "want": 0},
		"the Gateway's": {"document": document("absent", frontend, {}), "want": 0},
		"the parent's": {"document": document("absent", {}, {"parent": [{"object": {"spec": {"tls": frontend}}}]}), "want": 0},
	}
	findings := rule.findings with input as case.document
	count(findings) == case.want
}
