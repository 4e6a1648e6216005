package policies["gloo-mtls"]["secret-incomplete_test"]

import data.policies["gloo-mtls"]["secret-incomplete"] as rule

reference := {
	"path": ["spec", "template", "spec", "volumes", 0, "secret", "secretName"],
	"label": "Secret gloo-system/gloo-mtls-certs",
	"namespace": "gloo-system",
	"name": "gloo-mtls-certs",
	"presence": "present",
	"keys": ["ca.crt", "tls.crt", "tls.key"],
	"keys_open": false,
	"type": "kubernetes.io/tls",
}

document(changes) := {"refs": {"gloo-mtls-certificate": [object.union(reference, changes)]}}

test_says if {
	findings := rule.findings with input as document({"keys": ["tls.crt"]})
	findings == {{
		"path": reference.path,
		"message": "Secret gloo-system/gloo-mtls-certs has no ca.crt and tls.key",
		"effect": "the secret service ends at once: gloo and its proxies never become ready",
		"remedy": "add it, or have certgen make the whole Secret",
	}}
}

test_silent[name] if {
	some name, case in {
		"complete": {},
		"there may be more": {"keys": [], "keys_open": true},
		"not in sight": {"keys": [], "presence": "promised"},
	}
	findings := rule.findings with input as document(case)
	count(findings) == 0
}
