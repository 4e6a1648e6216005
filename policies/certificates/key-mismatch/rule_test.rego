package policies.certificates["key-mismatch_test"]

import data.policies.certificates["key-mismatch"] as rule

path := ["spec", "tls", 0, "secretName"]

reference := {
	"path": path,
	"key": "tls.crt",
	"use": "certificate",
	"usage": "serverAuth",
	"key": "tls.crt",
	"in_force": true,
	"label": "Secret shop/api-tls",
	"pair": "mismatch",
	"content": {"opaque": false, "empty": false, "certificates": ["leaf", "issuer"], "defects": []},
}

document(changes) := {"refs": {"server-certificate": [object.union(reference, changes)]}}

with_chain(chain) := {"content": {"chain": object.union({"path": [0], "ordered": false, "root": false, "next": ""}, chain)}}

test_finding if {
	findings := rule.findings with input as document({})
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "the key pair of Secret shop/api-tls cannot be used: its tls.key does not belong to its tls.crt",
		"effect": "clients get the controller's default certificate, or no answer",
		"remedy": "put the certificate and the key in place that were made together",
	}}
}

test_message[name] if {
	some name, case in {
		"key": {"pair": "key-unreadable", "want": "its tls.key cannot be read"},
		"encrypted": {"pair": "key-encrypted", "want": "its tls.key is under a passphrase"},
		"certificate": {"pair": "certificate-unreadable", "want": "its tls.crt cannot be read"},
	}
	findings := rule.findings with input as document({"pair": case.pair})
	{f.message | some f in findings} == {sprintf("the key pair of Secret shop/api-tls cannot be used: %s", [case.want])}
}

test_effect_of_a_client_certificate if {
	findings := rule.findings with input as document({"usage": "clientAuth"})
	{f.effect | some f in findings} == {"the certificate that servers ask for is not sent, and they refuse the connection"}
}

test_count[name] if {
	some name, case in {
		"they match": {"changes": {"pair": "match"}, "want": 0},
		"empty": {"changes": {"pair": "empty"}, "want": 0},
		"a CA's own": {"changes": {"use": "trust"}, "want": 0},
		"of other keys": {"changes": {"key": "chain.pem"}, "want": 0},
		"not in force": {"changes": {"in_force": false}, "want": 0},
		"the certificate stands behind its issuer": {"changes": with_chain({"leaf": 1}), "want": 0},
		"two certificates": {"changes": with_chain({}), "want": 1},
		"it stands first": {"changes": with_chain({"leaf": 0}), "want": 1},
	}
	findings := rule.findings with input as document(case.changes)
	count(findings) == case.want
}

test_out_of_sight if {
	findings := rule.findings with input as {"refs": {"server-certificate": [object.remove(reference, ["pair"])]}}
	count(findings) == 0
}
