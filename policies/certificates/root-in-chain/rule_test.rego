package policies.certificates["root-in-chain_test"]

import data.policies.certificates["root-in-chain"] as rule

reference_path := ["spec", "tls", 0, "secretName"]

document(chain) := {
	"refs": {"server-certificate": [{
		"path": reference_path,
		"key": "tls.crt",
		"use": "certificate",
		"in_force": true,
		"label": "Secret shop/api-tls",
		"content": {"opaque": false, "empty": false, "certificates": ["leaf", "root", "issuer"], "defects": [], "chain": chain},
	}]},
	"certificates": {"leaf": {"subject": "CN=api.shop.test"}, "issuer": {"subject": "CN=Issuer"}, "root": {"subject": "CN=Root"}},
}

test_finding if {
	findings := rule.findings with input as document({"leaf": 0, "path": [0, 2, 1], "ordered": false, "root": true, "next": ""})
	findings == {{
		"path": reference_path,
		"key": "tls.crt",
		"message": "the chain of Secret shop/api-tls ends in the root \"CN=Root\"",
		"effect": "every full handshake carries it for nothing",
		"remedy": "leave the root out",
	}}
}

test_no_root if {
	findings := rule.findings with input as document({"leaf": 0, "path": [0, 2], "ordered": true, "root": false, "next": "CN=Root"})
	count(findings) == 0
}
