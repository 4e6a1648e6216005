package policies["gloo-mtls"]["certificate-not-of-ca_test"]

import data.policies["gloo-mtls"]["certificate-not-of-ca"] as rule

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
	findings := rule.findings with input as document({"anchored": false})
	findings == {{
		"path": reference.path,
		"message": "no CA in ca.crt of Secret gloo-system/gloo-mtls-certs has signed its tls.crt",
		"effect": "gloo and its proxies refuse each other, and no proxy gets configuration",
		"remedy": "put the CA that signed it into ca.crt, or delete the Secret and have certgen make it anew",
	}}
}

test_silent[name] if {
	some name, case in {"signed": {"anchored": true}, "not in sight": {}}
	findings := rule.findings with input as document(case)
	count(findings) == 0
}
