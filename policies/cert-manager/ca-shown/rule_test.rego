package policies["cert-manager"]["ca-shown_test"]

import data.policies["cert-manager"]["ca-shown"] as rule

ref := {
	"path": ["spec", "tls", 0, "secretName"],
	"use": "certificate",
	"in_force": true,
	"label": "Secret shop/web-tls",
	"producer": {
		"label": "Certificate shop/web",
		"chain": "Certificate shop/web, which Issuer shop/internal (CA) signs",
		"kind": "Certificate",
		"object": {"spec": {"isCA": true}},
	},
}

test_ca if {
	findings := rule.findings with input as {"refs": {"server-certificate": [ref]}}
	findings == {{
		"path": ref.path,
		"message": "Secret shop/web-tls is made for Certificate shop/web, which has isCA: true",
		"effect": "some clients refuse the connection (Firefox, rustls), and whoever has its key can issue certificates",
		"remedy": "remove isCA from Certificate shop/web, or refer to a certificate of a server",
	}}
}

test_silent[name] if {
	some name, other in {
		"no CA": object.union(ref, {"producer": {"object": {"spec": {"isCA": false}}}}),
		"trusted": object.union(ref, {"use": "trust"}),
		"in sight": object.union(ref, {"content": {"opaque": false}}),
		"not in force": object.union(ref, {"in_force": false}),
	}
	findings := rule.findings with input as {"refs": {"server-certificate": [other]}}
	count(findings) == 0
}
