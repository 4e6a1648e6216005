package policies["gloo-mtls"]["secret-type-refused_test"]

import data.policies["gloo-mtls"]["secret-type-refused"] as rule

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

rotated := {"peers": {"gloo-rotation": [{"object": {"kind": "Job", "spec": {"template": {"spec": {"containers": [{"args": [
	"--svc-name=gloo",
	"--secret-name=gloo-mtls-certs",
]}]}}}}}]}}

test_says if {
	findings := rule.findings with input as object.union(document({"type": "Opaque"}), rotated)
	findings == {{
		"path": reference.path,
		"message": "Secret gloo-system/gloo-mtls-certs is of type Opaque, and certgen takes kubernetes.io/tls alone",
		"effect": "certgen fails, and the certificate of gloo and its proxies is never renewed",
		"remedy": "delete it, and have certgen make it, or make it with type: kubernetes.io/tls",
		"severity": "error",
	}}
}

test_severity[name] if {
	some name, case in {
		"nobody rotates it": {"changes": {"type": "Opaque"}, "want": {"warning"}},
		"the right type": {"changes": {}, "want": set()},
		"not in sight": {"changes": {"type": "Opaque", "presence": "unknown"}, "want": set()},
	}
	findings := rule.findings with input as document(case.changes)
	{f.severity | some f in findings} == case.want
}
