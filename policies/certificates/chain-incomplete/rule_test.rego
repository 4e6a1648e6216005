package policies.certificates["chain-incomplete_test"]

import data.policies.certificates["chain-incomplete"] as rule

reference_path := ["spec", "tls", 0, "secretName"]

certificates := {
	"leaf": {"subject": "CN=api.shop.test", "issuer": "CN=Issuer", "ca": false},
	"public": {"subject": "CN=api.shop.test", "issuer": "CN=R10,O=Let's Encrypt,C=US", "ca": false},
	"public issuer": {"subject": "CN=R10,O=Let's Encrypt,C=US", "issuer": "CN=ISRG Root X1", "ca": true},
	"issuer": {"subject": "CN=Issuer", "issuer": "CN=Root", "ca": true},
	"cross": {"subject": "CN=Issuer", "issuer": "CN=Older Root", "ca": true},
	"unrelated": {"subject": "CN=Unrelated", "issuer": "CN=Unrelated Root", "ca": true},
	"other leaf": {"subject": "CN=www.shop.test", "issuer": "CN=Issuer", "ca": false},
}

document(hashes, chain) := {
	"refs": {"server-certificate": [{
		"path": reference_path,
		"key": "tls.crt",
		"use": "certificate",
		"in_force": true,
		"label": "Secret shop/api-tls",
		"content": object.union({"opaque": false, "empty": false, "certificates": hashes, "defects": []}, chain),
	}]},
	"certificates": certificates,
}

gap(next) := {"chain": {"leaf": 0, "path": [0], "ordered": false, "root": false, "next": next}}

test_gap if {
	findings := rule.findings with input as document(["leaf", "unrelated"], gap("CN=Issuer"))
	findings == {{
		"path": reference_path,
		"key": "tls.crt",
		"message": "\"CN=Unrelated\" of Secret shop/api-tls is not the issuer of what stands before it: \"CN=Issuer\" is",
		"effect": "clients that do not have the missing certificate refuse the connection",
		"remedy": "send the certificate \"CN=Issuer\" along that made the signature",
	}}
}

test_another_generation if {
	findings := rule.findings with input as document(["leaf", "issuer"], gap("CN=Issuer"))
	{f.message | some f in findings} == {"\"CN=Issuer\" of Secret shop/api-tls is not the issuer of what stands before it: it has the name and another key"}
}

test_alone if {
	findings := rule.findings with input as document(["public"], {})
	findings == {{
		"path": reference_path,
		"key": "tls.crt",
		"message": "Secret shop/api-tls holds certificate \"CN=api.shop.test\" alone, and \"CN=R10,O=Let's Encrypt,C=US\" that issued it is an intermediate",
		"effect": "clients that do not have the missing certificate refuse the connection",
		"remedy": "send the intermediate along: use the full chain that the CA hands out (fullchain.pem)",
	}}
}

test_silent[name] if {
	some name, case in {
		"complete": {"hashes": ["leaf", "issuer"], "chain": {"chain": {"leaf": 0, "path": [0, 1], "ordered": true, "root": false, "next": "CN=Root"}}},
		"a public one with its issuer": {"hashes": ["public", "public issuer"], "chain": {"chain": {"leaf": 0, "path": [0, 1], "ordered": true, "root": false, "next": "CN=ISRG Root X1"}}},
		"alone, of a private CA": {"hashes": ["leaf"], "chain": {}},
		"the intermediate of a public CA alone": {"hashes": ["public issuer"], "chain": {}},
		"a second way up": {"hashes": ["leaf", "issuer", "cross"], "chain": {"chain": {"leaf": 0, "path": [0, 1], "ordered": false, "root": false, "next": "CN=Root"}}},
		"a root too many": {"hashes": ["leaf", "issuer", "unrelated"], "chain": {"chain": {"leaf": 0, "path": [0, 1], "ordered": false, "root": true, "next": ""}}},
		"a second certificate": {"hashes": ["leaf", "other leaf"], "chain": {"chain": {"path": [0], "ordered": false, "root": false, "next": "CN=Issuer"}}},
		"the certificate is not first": {"hashes": ["unrelated", "leaf"], "chain": {"chain": {"leaf": 1, "path": [1], "ordered": false, "root": false, "next": "CN=Issuer"}}},
	}
	findings := rule.findings with input as document(case.hashes, case.chain)
	count(findings) == 0
}
