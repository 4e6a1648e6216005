package policies["gloo-mtls"]["certificate-for-one-side-only_test"]

import data.policies["gloo-mtls"]["certificate-for-one-side-only"] as rule

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

judge(usages) := findings if {
	findings := rule.findings with input as object.union(
		document({"content": {"certificates": ["leaf"]}}),
		{"certificates": {"leaf": {"subject": "CN=x", "ext_key_usage": usages}}},
	)
}

test_says if {
	judge(["serverAuth"]) == {{
		"path": reference.path,
		"message": "certificate \"CN=x\" of Secret gloo-system/gloo-mtls-certs is not for clientAuth",
		"effect": "gloo refuses the certificate of its proxies, which get no configuration",
		"remedy": "issue it with the usages serverAuth and clientAuth",
	}}
}

test_count[name] if {
	some name, case in {
		"both": {"usages": ["serverAuth", "clientAuth"], "want": 0},
		"for clients": {"usages": ["clientAuth"], "want": 1},
		"neither": {"usages": ["codeSigning"], "want": 2},
		"all": {"usages": ["anyExtendedKeyUsage"], "want": 0},
		"none said": {"usages": [], "want": 0},
	}
	count(judge(case.usages)) == case.want
}
