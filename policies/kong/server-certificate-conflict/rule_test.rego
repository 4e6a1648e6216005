package policies.kong["server-certificate-conflict_test"]

import data.policies.kong["server-certificate-conflict"] as rule

peer := {
	"key": "api.shop.test",
	"label": "Ingress shop/old",
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": "shop",
	"name": "old",
	"age": "unknown",
	"their_path": ["spec", "rules", 0, "host"],
	"object": {"spec": {"tls": [{"hosts": ["www.shop.test", "api.shop.test"], "secretName": "old-tls"}]}},
}

ingress(secret, known) := {
	"id": {"namespace": "shop"},
	"controllers": {"kong": {"certainty": "known"}},
	"object": {"spec": {"tls": [{"hosts": ["api.shop.test"], "secretName": secret}]}},
	"peers": {"host": [object.union(peer, known)]},
}

test_two if {
	findings := rule.findings with input as ingress("api-tls", {})
	findings == {{
		"path": ["spec", "tls", 0, "secretName"],
		"message": "this Ingress names Secret api-tls for api.shop.test, and Ingress shop/old names old-tls",
		"effect": "clients of api.shop.test are shown the certificate of the older Ingress only",
		"remedy": "name the same Secret in spec.tls of every Ingress of the host",
		"related": [{
			"group": "networking.k8s.io",
			"kind": "Ingress",
			"namespace": "shop",
			"name": "old",
			"path": ["spec", "rules", 0, "host"],
			"message": "names another Secret",
		}],
	}}
}

test_silent[name] if {
	some name, case in {
		"the same": ["old-tls", {}],
		"none": ["", {}],
		"a newer one": ["api-tls", {"age": "newer"}],
		"of another namespace": ["api-tls", {"namespace": "web"}],
	}
	findings := rule.findings with input as ingress(case[0], case[1])
	count(findings) == 0
}
