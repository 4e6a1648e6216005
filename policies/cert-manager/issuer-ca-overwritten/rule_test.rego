package policies["cert-manager"]["issuer-ca-overwritten_test"]

import data.policies["cert-manager"]["issuer-ca-overwritten"] as rule

document(secret) := {
	"object": {"spec": {"secretName": secret}},
	"refs": {"issuer": [{
		"path": ["spec", "issuerRef"],
		"group": "cert-manager.io",
		"kind": "Issuer",
		"namespace": "shop",
		"name": "internal",
		"label": "Issuer shop/internal",
		"object": {"spec": {"ca": {"secretName": "internal-ca"}}},
	}]},
}

test_overwritten if {
	findings := rule.findings with input as document("internal-ca")
	findings == {{
		"path": ["spec", "secretName"],
		"message": "Secret internal-ca holds the CA of Issuer shop/internal, which signs this Certificate",
		"effect": "the CA is replaced, and Issuer shop/internal signs nothing any more",
		"remedy": "name another Secret",
		"related": [{
			"group": "cert-manager.io",
			"kind": "Issuer",
			"namespace": "shop",
			"name": "internal",
			"path": ["spec", "ca", "secretName"],
			"message": "reads its CA from it",
		}],
	}}
}

test_another if {
	findings := rule.findings with input as document("web-tls")
	count(findings) == 0
}
