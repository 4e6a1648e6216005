package policies.certificates["chain-out-of-order_test"]

import data.policies.certificates["chain-out-of-order"] as rule

reference_path := ["spec", "tls", 0, "secretName"]

certificates := {
	"leaf": {"subject": "CN=api.shop.test"},
	"issuer": {"subject": "CN=Issuer"},
	"middle": {"subject": "CN=Middle"},
	"other": {"subject": "CN=Other"},
}

document(hashes, chain) := {
	"refs": {"server-certificate": [{
		"path": reference_path,
		"key": "tls.crt",
		"use": "certificate",
		"in_force": true,
		"label": "Secret shop/api-tls",
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": [], "chain": object.union({"root": false, "next": "CN=Root"}, chain)},
	}]},
	"certificates": certificates,
}

test_finding if {
	findings := rule.findings with input as document(["leaf", "middle", "issuer"], {"leaf": 0, "path": [0, 2, 1], "ordered": false})
	findings == {{
		"path": reference_path,
		"key": "tls.crt",
		"message": "the chain of Secret shop/api-tls stands in the wrong order: \"CN=Issuer\" belongs before \"CN=Middle\"",
		"effect": "some clients see an incomplete chain and refuse the connection",
		"remedy": "put the certificate first, then its issuer, and so on upwards",
	}}
}

test_silent[name] if {
	some name, case in {
		"in order": {"hashes": ["leaf", "issuer", "middle"], "chain": {"leaf": 0, "path": [0, 1, 2], "ordered": true}},
		"something in between": {"hashes": ["leaf", "other", "issuer"], "chain": {"leaf": 0, "path": [0, 2], "ordered": false}},
		"the certificate is not first": {"hashes": ["issuer", "leaf"], "chain": {"leaf": 1, "path": [1, 0], "ordered": false}},
		"not told": {"hashes": ["issuer", "leaf"], "chain": {"path": [0], "ordered": false}},
	}
	findings := rule.findings with input as document(case.hashes, case.chain)
	count(findings) == 0
}
