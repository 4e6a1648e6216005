package policies["gloo-mtls"]["certificate-not-for-gloo_test"]

import data.policies["gloo-mtls"]["certificate-not-for-gloo"] as rule

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

judge(names, changes) := findings if {
	with_content := object.union({"content": {"certificates": ["leaf"]}}, changes)
	findings := rule.findings with input as object.union(
		object.union(document(with_content), rotated),
		{"certificates": {"leaf": {"subject": "CN=x", "dns_names": names}}},
	)
}

test_says if {
	judge(["xds.shop.test"], {}) == {{
		"path": reference.path,
		"message": "certificate \"CN=x\" of Secret gloo-system/gloo-mtls-certs has no name of Service gloo",
		"effect": "certgen replaces certificate and CA at once, and gloo and its proxies refuse each other for up to 90 seconds",
		"remedy": "issue it for gloo.gloo-system.svc too, or leave it to certgen",
	}}
}

test_names[name] if {
	some name, want in {
		"gloo": 0,
		"gloo.gloo-system": 0,
		"gloo.gloo-system.svc": 0,
		"gloo.gloo-system.svc.cluster.local": 0,
		"gloo.edge.svc": 1,
		"*.gloo-system.svc": 1,
	}
	count(judge([name], {})) == want
}

test_silent[name] if {
	some name, case in {"no namespace": {"namespace": ""}, "no certificate": {"content": {"certificates": []}}}
	count(judge(["xds.shop.test"], case)) == 0
}

test_nobody_looks if {
	findings := rule.findings with input as object.union(
		document({"content": {"certificates": ["leaf"]}}),
		{"certificates": {"leaf": {"subject": "CN=x", "dns_names": []}}},
	)
	count(findings) == 0
}
