package policies["gloo-mtls"]["secret-service-without-secret_test"]

import data.policies["gloo-mtls"]["secret-service-without-secret"] as rule

document(container) := {"object": {"spec": {"template": {"spec": {
	"volumes": [{"name": "certs", "secret": {"secretName": "gloo-mtls-certs"}}],
	"containers": [object.union({"name": "sds"}, container)],
}}}}}

on := {"env": [{"name": "GLOO_MTLS_SDS_ENABLED", "value": "true"}]}

mounted := {"volumeMounts": [{"name": "certs", "mountPath": "/etc/envoy/ssl"}]}

path := ["spec", "template", "spec", "containers", 0]

test_not_mounted if {
	findings := rule.findings with input as document(on)
	findings == {{
		"path": path,
		"message": "container sds does not mount Secret gloo-mtls-certs",
		"effect": "it ends at once, and the Envoy beside it has no certificate",
		"remedy": "mount it at /etc/envoy/ssl",
	}}
}

test_not_on if {
	findings := rule.findings with input as document(mounted)
	findings == {{
		"path": path,
		"message": "container sds mounts Secret gloo-mtls-certs, and GLOO_MTLS_SDS_ENABLED is not \"true\"",
		"effect": "it does not serve the certificates, and the Envoy beside it has none",
		"remedy": "set GLOO_MTLS_SDS_ENABLED: \"true\" in its environment",
	}}
}

test_count[name] if {
	some name, case in {
		"right": {"container": object.union(on, mounted), "want": 0},
		"off": {"container": object.union({"env": [{"name": "GLOO_MTLS_SDS_ENABLED", "value": "false"}]}, mounted), "want": 1},
		"set from elsewhere": {"container": object.union({"env": [{"name": "GLOO_MTLS_SDS_ENABLED", "valueFrom": {}}]}, mounted), "want": 0},
		"all from elsewhere": {"container": object.union({"envFrom": []}, mounted), "want": 0},
		"neither": {"container": {}, "want": 0},
		"another container": {"container": object.union(on, {"name": "gloo"}), "want": 0},
	}
	findings := rule.findings with input as document(case.container)
	count(findings) == case.want
}
