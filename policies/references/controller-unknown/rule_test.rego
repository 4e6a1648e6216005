package policies.references["controller-unknown_test"]

import data.policies.references["controller-unknown"] as rule

reason := "IngressClass inner is not in this tree, and no controller is known by that name"

test_finding if {
	findings := rule.findings with input as {
		"id": {"label": "Ingress shop/web"},
		"controller_unknown": reason,
		"refs": {"server-certificate": [{"use": "certificate"}], "client-ca": [{"use": "trust"}]},
	}
	findings == {{
		"path": ["metadata", "name"],
		"message": "no controller can be told for Ingress shop/web: IngressClass inner is not in this tree, and no controller is known by that name",
		"remedy": "map its class in the config (controllers.classes), or name the only controllers (controllers.only)",
	}}
}

test_silent[name] if {
	some name, document in {
		"a controller is known": {"id": {"label": "Ingress shop/web"}, "refs": {"client-ca": [{"use": "trust"}]}},
		"nothing to do with certificates": {
			"id": {"label": "HTTPRoute shop/web"},
			"controller_unknown": reason,
			"refs": {"parent-gateway": [{"use": "other"}]},
		},
		"no reference": {"id": {"label": "Ingress shop/web"}, "controller_unknown": reason, "refs": {}},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
