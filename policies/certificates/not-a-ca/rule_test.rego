package policies.certificates["not-a-ca_test"]

import data.policies.certificates["not-a-ca"] as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

certificates := {
	"root": {"subject": "CN=Root", "issuer": "CN=Root", "ca": true, "self_signed": true, "key_usage": ["keyCertSign", "cRLSign"]},
	"plain root": {"subject": "CN=Plain Root", "issuer": "CN=Plain Root", "ca": true, "self_signed": true, "key_usage": []},
	"forgotten": {"subject": "CN=Forgotten", "issuer": "CN=Forgotten", "ca": false, "self_signed": true, "key_usage": ["keyCertSign"]},
	"wrong usage": {"subject": "CN=Wrong", "issuer": "CN=Wrong", "ca": true, "self_signed": true, "key_usage": ["digitalSignature"]},
	"leaf": {"subject": "CN=client", "issuer": "CN=Root", "ca": false, "self_signed": false, "key_usage": ["digitalSignature"]},
	"pin": {"subject": "CN=pin", "issuer": "CN=pin", "ca": false, "self_signed": true, "key_usage": ["digitalSignature"]},
}

document(controllers, hashes) := {
	"refs": {"client-ca": [{
		"path": path,
		"key": "ca.crt",
		"use": "trust",
		"in_force": true,
		"label": "Secret shop/client-ca",
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": []},
	}]},
	"controllers": {controller: {"certainty": "known", "reason": "its class"} | some controller in controllers},
	"certificates": certificates,
}

test_made_by_hand if {
	findings := rule.findings with input as document(["ingress-nginx"], ["forgotten"])
	findings == {{
		"path": path,
		"key": "ca.crt",
		"message": "\"CN=Forgotten\" of Secret shop/client-ca is made as a CA and is none: its basic constraints do not say CA:TRUE",
		"effect": "every certificate that is checked against it is refused",
		"remedy": "issue it again with CA:TRUE and keyCertSign",
		"severity": "error",
	}}
}

test_leaf if {
	findings := rule.findings with input as document(["istio"], ["leaf"])
	findings == {{
		"path": path,
		"key": "ca.crt",
		"message": "\"CN=client\" of Secret shop/client-ca is no CA, and nothing else in it is one",
		"effect": "everything else that its issuer has signed is refused",
		"remedy": "put \"CN=Root\" there, the CA that issued it",
		"severity": "warning",
	}}
}

test_severity[name] if {
	some name, case in {
		"a leaf where nginx reads it, which has a rule of its own": {"controllers": ["ingress-nginx"], "hashes": ["leaf"], "want": set()},
		"a leaf, and nobody is known to read it": {"controllers": [], "hashes": ["leaf"], "want": {"warning"}},
		"without keyCertSign": {"controllers": ["istio"], "hashes": ["wrong usage"], "want": {"error"}},
		"beside a good one": {"controllers": ["ingress-nginx"], "hashes": ["root", "wrong usage"], "want": {"warning"}},
		"two that are none": {"controllers": ["ingress-nginx"], "hashes": ["forgotten", "wrong usage"], "want": {"error"}},
		"a CA": {"controllers": ["ingress-nginx"], "hashes": ["root"], "want": set()},
		"a CA without key usage": {"controllers": ["ingress-nginx"], "hashes": ["plain root"], "want": set()},
		"a leaf beside its CA": {"controllers": ["ingress-nginx"], "hashes": ["leaf", "root"], "want": set()},
		"a pin": {"controllers": ["ingress-nginx"], "hashes": ["pin"], "want": set()},
		"a leaf beside a pin": {"controllers": ["ingress-nginx"], "hashes": ["leaf", "pin"], "want": set()},
	}
	findings := rule.findings with input as document(case.controllers, case.hashes)
	{f.severity | some f in findings} == case.want
}

test_effect_beside_a_good_one if {
	findings := rule.findings with input as document(["ingress-nginx"], ["root", "forgotten"])
	{f.effect | some f in findings} == {"certificates that it signed are refused"}
}
