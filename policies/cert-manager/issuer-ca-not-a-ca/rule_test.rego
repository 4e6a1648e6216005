package policies["cert-manager"]["issuer-ca-not-a-ca_test"]

import data.policies["cert-manager"]["issuer-ca-not-a-ca"] as rule

ref := {"path": ["spec", "ca", "secretName"], "label": "Secret shop/internal-ca"}

producer(spec) := {"label": "Certificate shop/internal-ca", "group": "cert-manager.io", "kind": "Certificate", "namespace": "shop", "name": "internal-ca", "object": {"spec": spec}}

test_made_as_none if {
	findings := rule.findings with input as {"refs": {"issuer-ca": [object.union(ref, {"producer": producer({})})]}}
	findings == {{
		"path": ref.path,
		"message": "Secret shop/internal-ca is made for Certificate shop/internal-ca, which lacks isCA: true",
		"effect": "nothing that this issuer is to sign is issued or renewed",
		"remedy": "set isCA: true in Certificate shop/internal-ca",
		"related": [{
			"group": "cert-manager.io",
			"kind": "Certificate",
			"namespace": "shop",
			"name": "internal-ca",
			"path": ["spec"],
			"message": "makes the key pair, and no CA",
		}],
	}}
}

certificate := {"hash": "a", "subject": "CN=web.shop.test", "ca": false}

test_is_none if {
	findings := rule.findings with input as {
		"refs": {"issuer-ca": [object.union(ref, {"content": {"certificates": ["a"]}, "producer": producer({})})]},
		"certificates": {"a": certificate},
	}
	{f.message | some f in findings} == {"certificate \"CN=web.shop.test\" of Secret shop/internal-ca is no CA"}
}

test_silent[name] if {
	some name, document in {
		"a CA to be": {"refs": {"issuer-ca": [object.union(ref, {"producer": producer({"isCA": true})})]}},
		"a CA": {
			"refs": {"issuer-ca": [object.union(ref, {"content": {"certificates": ["a"]}})]},
			"certificates": {"a": object.union(certificate, {"ca": true})},
		},
		"not in sight": {"refs": {"issuer-ca": [ref]}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
