package policies.certificates["foreign-block_test"]

import data.policies.certificates["foreign-block"] as rule

path := ["spec", "validation", "caCertificateRefs", 0]

document(controllers, use, kinds) := {
	"refs": {"backend-ca": [{
		"path": path,
		"use": use,
		"key": "ca.crt",
		"in_force": true,
		"label": "ConfigMap shop/api-ca",
		"content": {"opaque": false, "empty": false, "certificates": ["aa"], "defects": [{"kind": kind, "line": 9, "message": "it stands there"} |
			some kind in kinds
		]},
	}]},
	"controllers": {controller: {"certainty": "known", "reason": "its class"} | some controller in controllers},
}

test_private_key if {
	findings := rule.findings with input as document(["ingress-nginx"], "trust", ["private-key"])
	findings == {{
		"path": path,
		"key": "ca.crt",
		"message": "ca.crt of ConfigMap shop/api-ca holds a private key (line 9)",
		"effect": "everybody who may read the CA can read the key",
		"remedy": "take the key out, and make a new key and certificate: this one is no secret any more",
	}}
}

test_revocation_list if {
	findings := rule.findings with input as document(["istio"], "trust", ["crl"])
	findings == {{
		"path": path,
		"key": "ca.crt",
		"message": "ca.crt of ConfigMap shop/api-ca: it stands there (line 9)",
		"effect": "some readers refuse the whole bundle, others skip the block",
		"remedy": "put the revocation list where the controller looks for one",
		"severity": "warning",
	}}
}

test_count[name] if {
	some name, case in {
		"two blocks": {"controllers": [], "use": "trust", "kinds": ["foreign-block", "trusted-certificate"], "want": 2},
		"ingress-nginx has a rule of its own": {"controllers": ["ingress-nginx"], "use": "trust", "kinds": ["crl"], "want": 0},
		"harmless": {"controllers": [], "use": "trust", "kinds": ["duplicate", "truncated"], "want": 0},
		"a key beside its certificate": {"controllers": [], "use": "certificate", "kinds": ["private-key"], "want": 0},
		"nothing": {"controllers": [], "use": "trust", "kinds": [], "want": 0},
	}
	findings := rule.findings with input as document(case.controllers, case.use, case.kinds)
	count(findings) == case.want
}
