package policies["gateway-api"]["certificate-kind-unsupported_test"]

import data.policies["gateway-api"]["certificate-kind-unsupported"] as rule

path := ["spec", "tls", "backend", "clientCertificateRef"]

ref(kind, group) := {"path": path, "title": "client certificate", "kind": kind, "group": group}

test_verdict[name] if {
	some name, case in {
		"a Certificate": {
			"ref": ref("Certificate", "cert-manager.io"),
			"written": {"kind": "Certificate"},
			"want": {["kind", "no controller reads a client certificate from a Certificate"]},
		},
		"a kind that only the facts have": {
			"ref": ref("ConfigMap", ""),
			"written": {"name": "c"},
			"want": {["clientCertificateRef", "no controller reads a client certificate from a ConfigMap"]},
		},
		"an alias of the group": {
			"ref": ref("Secret", "core"),
			"written": {"group": "core"},
			"want": {["group", "the group of a Secret is empty, not \"core\""]},
		},
		"right": {"ref": ref("Secret", ""), "written": {}, "want": set()},
	}
	findings := rule.findings with input as {
		"object": {"spec": {"tls": {"backend": {"clientCertificateRef": case.written}}}},
		"refs": {"gateway-client-certificate": [case.ref]},
	}
	{[f.path[count(f.path) - 1], f.message] | some f in findings} == case.want
}

test_severity_of_a_group if {
	some group, severity in {"core": "warning", "v1": "error"}
	findings := rule.findings with input as {"object": {}, "refs": {"listener-certificate": [ref("Secret", group)]}}
	{f.severity | some f in findings} == {severity}
}
