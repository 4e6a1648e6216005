package policies["cert-manager"]["client-ca-signs-nobody_test"]

import data.policies["cert-manager"]["client-ca-signs-nobody"] as rule

ref := {
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"],
	"use": "trust",
	"usage": "clientAuth",
	"in_force": true,
	"label": "Secret shop/clients",
	"producer": {
		"label": "Certificate shop/clients",
		"chain": "Certificate shop/clients, which Issuer shop/bootstrap (self-signed) signs",
		"kind": "Certificate",
		"signer": {"title": "self-signed"},
		"object": {"spec": {}},
	},
}

test_leaf if {
	findings := rule.findings with input as {"refs": {"client-ca": [ref]}}
	findings == {{
		"path": ref.path,
		"message": "Secret shop/clients is made for Certificate shop/clients, which Issuer shop/bootstrap (self-signed) signs: its ca.crt is the certificate itself, and no CA",
		"effect": "no client certificate is signed by it, and none is accepted",
		"remedy": "set isCA: true in Certificate shop/clients, and have an Issuer sign for the clients",
	}}
}

test_silent[name] if {
	some name, change in {
		"a CA": {"producer": {"object": {"spec": {"isCA": true}}}},
		"signed by a CA": {"producer": {"signer": {"title": "CA"}}},
		"of backends, where it is a pin": {"usage": "serverAuth"},
		"in sight": {"content": {"opaque": true}},
		"shown": {"use": "certificate"},
	}
	findings := rule.findings with input as {"refs": {"client-ca": [object.union(ref, change)]}}
	count(findings) == 0
}
