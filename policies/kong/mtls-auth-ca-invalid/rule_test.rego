package policies.kong["mtls-auth-ca-invalid_test"]

import data.policies.kong["mtls-auth-ca-invalid"] as rule

plugin(cas) := {"object": {"plugin": "mtls-auth", "config": {"ca_certificates": cas}}}

test_a_name if {
	findings := rule.findings with input as plugin(["cce8c384-721f-4f58-85dd-50834e3e733a", "client-ca"])
	findings == {{
		"path": ["config", "ca_certificates", 1],
		"message": "\"client-ca\" is no id of a CA: it is no UUID",
		"effect": "Kong refuses its whole configuration, and no change to any route takes effect",
		"remedy": "write the id of the CA, as its Secret or ConfigMap has it",
	}}
}

test_none[name] if {
	some name, document in {"empty": plugin([]), "no config": {"object": {"plugin": "header-cert-auth"}}}
	findings := rule.findings with input as document
	{f.path | some f in findings} == {["config", "ca_certificates"]}
}

test_silent[name] if {
	some name, document in {
		"a UUID": plugin(["CCE8C384-721F-4F58-85DD-50834E3E733A"]),
		"filled in later": plugin(["${CA_ID}"]),
		"another plugin": {"object": {"plugin": "key-auth", "config": {"ca_certificates": ["x"]}}},
		"in a Secret": {"object": {"plugin": "mtls-auth", "configFrom": {"secretKeyRef": {"name": "mtls", "key": "config"}}}},
		"patched": {"object": {"plugin": "mtls-auth", "configPatches": [{"path": "/ca_certificates"}]}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
