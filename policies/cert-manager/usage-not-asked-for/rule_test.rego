package policies["cert-manager"]["usage-not-asked-for_test"]

import data.policies["cert-manager"]["usage-not-asked-for"] as rule

ref := {
	"path": ["spec", "tls", 0, "secretName"],
	"use": "certificate",
	"usage": "serverAuth",
	"in_force": true,
	"label": "Secret shop/web-tls",
	"producer": {
		"label": "Certificate shop/web",
		"group": "cert-manager.io",
		"kind": "Certificate",
		"namespace": "shop",
		"name": "web",
		"signer": {"title": "CA"},
		"object": {"spec": {"usages": ["digital signature", "client auth"]}},
	},
}

test_server if {
	findings := rule.findings with input as {"refs": {"server-certificate": [ref]}}
	findings == {{
		"path": ref.path,
		"message": "Secret shop/web-tls is made for Certificate shop/web, whose usages are digital signature, client auth",
		"effect": "every client that verifies it refuses the connection",
		"remedy": "add \"server auth\" to the usages of Certificate shop/web",
		"severity": "error",
		"related": [{
			"group": "cert-manager.io",
			"kind": "Certificate",
			"namespace": "shop",
			"name": "web",
			"path": ["spec", "usages"],
			"message": "asks for the certificate",
		}],
	}}
}

test_client if {
	client := object.union(ref, {"usage": "clientAuth", "producer": {"signer": {"title": "Vault"}, "object": {"spec": {"usages": ["server auth"]}}}})
	findings := rule.findings with input as {"refs": {"gateway-client-certificate": [client]}}
	{[f.remedy, f.severity] | some f in findings} == {["add \"client auth\" to the usages of Certificate shop/web", "warning"]}
}

test_silent[name] if {
	some name, change in {
		"asked for": {"producer": {"object": {"spec": {"usages": ["server auth", "client auth"]}}}},
		"any": {"producer": {"object": {"spec": {"usages": ["any"]}}}},
		"no extended ones": {"producer": {"object": {"spec": {"usages": ["signing", "key encipherment"]}}}},
		"none": {"producer": {"object": {"spec": {"usages": []}}}},
		"of a public CA": {"producer": {"signer": {"title": "ACME"}}},
		"in sight": {"content": {"opaque": true}},
		"trusted": {"use": "trust"},
	}
	findings := rule.findings with input as {"refs": {"server-certificate": [object.union(ref, change)]}}
	count(findings) == 0
}
