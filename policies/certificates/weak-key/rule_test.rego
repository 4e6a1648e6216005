package policies.certificates["weak-key_test"]

import data.policies.certificates["weak-key"] as rule

path := ["spec", "tls", 0, "secretName"]

certificates := {
	"rsa 1024": {"subject": "CN=api.shop.test", "key_type": "RSA", "key_bits": 1024},
	"rsa 2047": {"subject": "CN=2047", "key_type": "RSA", "key_bits": 2047},
	"rsa 2048": {"subject": "CN=2048", "key_type": "RSA", "key_bits": 2048},
	"p256": {"subject": "CN=P-256", "key_type": "ECDSA", "key_bits": 256},
	"p224": {"subject": "CN=P-224", "key_type": "ECDSA", "key_bits": 224},
	"ed25519": {"subject": "CN=Ed25519", "key_type": "Ed25519", "key_bits": 256},
	"unknown": {"subject": "CN=unknown", "key_type": "unknown", "key_bits": 0},
	"dsa": {"subject": "CN=DSA", "key_type": "DSA", "key_bits": 0},
}

document(use, hashes) := {
	"refs": {"server-certificate": [{
		"path": path,
		"key": "tls.crt",
		"use": use,
		"in_force": true,
		"label": "Secret shop/api-tls",
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": []},
	}]},
	"certificates": certificates,
}

test_finding if {
	findings := rule.findings with input as document("certificate", ["rsa 1024"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "the key of \"CN=api.shop.test\" of Secret shop/api-tls is too weak: RSA with 1024 bits",
		"effect": "what is strict about keys refuses it, and whoever breaks the key can pretend to be its owner",
		"remedy": "issue it with a new key: ECDSA P-256, or RSA with 2048 bits or more",
	}}
}

test_messages[name] if {
	some name, case in {
		"a CA": {"use": "trust", "hashes": ["rsa 2047"], "want": {"the key of \"CN=2047\" of Secret shop/api-tls is too weak: RSA with 2047 bits"}},
		"two of a chain": {
			"use": "certificate",
			"hashes": ["p256", "rsa 2047", "rsa 1024"],
			"want": {"the key of \"CN=2047\" of Secret shop/api-tls is too weak: RSA with 2047 bits, and so are 1 more"},
		},
		"DSA": {"use": "trust", "hashes": ["dsa"], "want": {"the key of \"CN=DSA\" of Secret shop/api-tls is too weak: DSA"}},
		"strong": {"use": "certificate", "hashes": ["rsa 2048", "p256", "p224", "ed25519"], "want": set()},
		"of a kind that is not known": {"use": "certificate", "hashes": ["unknown"], "want": set()},
		"not a certificate's": {"use": "target", "hashes": ["rsa 1024"], "want": set()},
	}
	findings := rule.findings with input as document(case.use, case.hashes)
	{f.message | some f in findings} == case.want
}
