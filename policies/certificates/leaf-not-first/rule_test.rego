package policies.certificates["leaf-not-first_test"]

import data.policies.certificates["leaf-not-first"] as rule

path := ["spec", "tls", 0, "secretName"]

certificates := {
	"leaf": {"subject": "CN=api.shop.test"},
	"issuer": {"subject": "CN=Issuer"},
	"root": {"subject": "CN=Root"},
}

document(hashes, leaf) := {
	"refs": {"server-certificate": [{
		"path": path,
		"key": "tls.crt",
		"use": "certificate",
		"key": "tls.crt",
		"in_force": true,
		"label": "Secret shop/api-tls",
		"pair": "mismatch",
		"content": {
			"opaque": false,
			"empty": false,
			"certificates": hashes,
			"defects": [],
			"chain": object.union({"path": [], "ordered": false, "root": false, "next": ""}, leaf),
		},
	}]},
	"certificates": certificates,
}

test_finding if {
	findings := rule.findings with input as document(["root", "issuer", "leaf"], {"leaf": 2})
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "tls.crt of Secret shop/api-tls begins with \"CN=Root\", and the certificate \"CN=api.shop.test\" stands at place 3",
		"effect": "clients get the controller's default certificate, or no answer",
		"remedy": "put the certificate first, then its issuer, and so on upwards",
	}}
}

test_out_of_sight_is_the_key if {
	unpaired := json.remove(document(["issuer", "leaf"], {"leaf": 1}), ["refs/server-certificate/0/pair"])
	findings := rule.findings with input as unpaired
	count(findings) == 1
}

test_silent[name] if {
	some name, case in {
		"first": document(["leaf", "issuer"], {"leaf": 0}),
		"not told": document(["issuer", "leaf"], {}),
		"the key is the issuer's": json.patch(document(["issuer", "leaf"], {"leaf": 1}), [{"op": "replace", "path": "refs/server-certificate/0/pair", "value": "match"}]),
		"alone": json.remove(document(["leaf"], {}), ["refs/server-certificate/0/content/chain"]),
	}
	findings := rule.findings with input as case
	count(findings) == 0
}
