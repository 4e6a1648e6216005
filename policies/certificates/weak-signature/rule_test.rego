package policies.certificates["weak-signature_test"]

import data.policies.certificates["weak-signature"] as rule

path := ["spec", "tls", 0, "secretName"]

certificate(subject, issuer, algorithm) := {"subject": subject, "issuer": issuer, "signature_algorithm": algorithm}

certificates := {
	"weak": certificate("CN=api.shop.test", "CN=Issuer", "SHA1-RSA"),
	"strong": certificate("CN=api.shop.test", "CN=Issuer", "SHA256-RSA"),
	"elliptic": certificate("CN=api.shop.test", "CN=Issuer", "ECDSA-SHA1"),
	"weak issuer": certificate("CN=Issuer", "CN=Root", "MD5-RSA"),
	"issuer": certificate("CN=Issuer", "CN=Root", "ECDSA-SHA384"),
	"cross": certificate("CN=Root", "CN=Older Root", "SHA1-RSA"),
	"root": certificate("CN=Root", "CN=Root", "SHA1-RSA"),
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
	findings := rule.findings with input as document("certificate", ["weak", "issuer"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "certificate \"CN=api.shop.test\" of Secret shop/api-tls is signed with SHA1-RSA",
		"effect": "every client that verifies it refuses the connection",
		"remedy": "have it issued again by a CA that signs with SHA-256",
		"severity": "error",
	}}
}

test_ca if {
	findings := rule.findings with input as document("trust", ["root", "weak issuer"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "CA \"CN=Issuer\" of Secret shop/api-tls is signed with MD5-RSA",
		"effect": "nginx refuses every certificate that it signed, and others may",
		"remedy": "have it issued again by a CA that signs with SHA-256, or trust its root",
		"severity": "warning",
	}}
}

test_severity[name] if {
	some name, case in {
		"strong": {"use": "certificate", "hashes": ["strong", "issuer"], "want": []},
		"an elliptic one": {"use": "certificate", "hashes": ["elliptic"], "want": ["error"]},
		"the issuer": {"use": "certificate", "hashes": ["strong", "weak issuer"], "want": ["error"]},
		"a cross-signed root": {"use": "certificate", "hashes": ["strong", "issuer", "cross"], "want": ["warning"]},
		"a root sent along": {"use": "certificate", "hashes": ["strong", "issuer", "root"], "want": []},
		"a root": {"use": "trust", "hashes": ["root"], "want": []},
	}
	findings := rule.findings with input as document(case.use, case.hashes)
	[f.severity | some f in findings] == case.want
}
