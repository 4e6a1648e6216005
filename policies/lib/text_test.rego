package lib.text_test

import data.lib.text

test_list[name] if {
	some name, case in {
		"one": {"items": ["a"], "want": "a"},
		"two": {"items": ["a", "b"], "want": "a and b"},
		"three": {"items": ["a", "b", "c"], "want": "a, b and 1 more"},
		"many": {"items": ["a", "b", "c", "d", "e"], "want": "a, b and 3 more"},
	}
	text.list(case.items) == case.want
}

test_host if {
	text.host("api.shop.test") == "api.shop.test"
	text.host("") == "the catch-all server"
}

test_hosts[name] if {
	some name, case in {
		"one": {"spec": {"rules": [{"host": "api.shop.test"}]}, "want": "api.shop.test"},
		"in order, each once": {
			"spec": {"rules": [{"host": "b.shop.test"}, {"host": "a.shop.test"}, {"host": "b.shop.test"}]},
			"want": "a.shop.test and b.shop.test",
		},
		"beside a rule without a host": {
			"spec": {"rules": [{"host": "api.shop.test"}, {"http": {}}]},
			"want": "api.shop.test and the catch-all server",
		},
		"an empty host is none": {"spec": {"rules": [{"host": ""}]}, "want": "the catch-all server"},
		"only a rule without a host": {"spec": {"rules": [{"http": {}}]}, "want": "the catch-all server"},
		"no rules": {"spec": {"defaultBackend": {}}, "want": "the catch-all server"},
		"nothing": {"want": "the catch-all server"},
	}
	text.hosts(object.filter(case, ["spec"])) == case.want
}

test_remedy[name] if {
	some name, case in {
		"nothing near": {"near": [], "want": "create it"},
		"a similar name": {
			"near": [{"label": "Secret shop/clients-ca", "why": "here"}],
			"want": "create it, or refer to Secret shop/clients-ca",
		},
		"another namespace is out of reach": {
			"near": [{"label": "Secret infra/client-ca", "why": "here"}],
			"want": "create it",
		},
		"so is another kind": {
			"near": [{"label": "ConfigMap shop/client-ca", "why": "here"}],
			"want": "create it",
		},
		"the same object of another root": {
			"near": [{"label": "Secret shop/client-ca", "why": "only in overlays/prod"}],
			"want": "create it",
		},
		"the first that is within reach": {
			"near": [
				{"label": "Secret infra/client-ca", "why": "here"},
				{"label": "Secret shop/client-ca-v2", "why": "here"},
			],
			"want": "create it, or refer to Secret shop/client-ca-v2",
		},
	}
	text.remedy("create it", {"label": "Secret shop/client-ca", "name": "client-ca", "near": case.near}) == case.want
}

test_remedy_by_evidence[evidence] if {
	some evidence, want in {
		"complete": "create it",
		"siblings": "create it, or declare it if it is made elsewhere: `external: [Secret shop/client-ca]`",
	}
	text.remedy("create it", {"label": "Secret shop/client-ca", "name": "client-ca", "near": [], "evidence": evidence}) == want
}

test_made if {
	ref := {"producer": {"chain": "Certificate shop/api, which ClusterIssuer letsencrypt (ACME) signs"}}
	text.made(ref) == ": it is made for Certificate shop/api, which ClusterIssuer letsencrypt (ACME) signs"
	text.made({"label": "Secret shop/api"}) == ""
}

test_targets[name] if {
	some name, case in {
		"one": {"refs": {"policy-target": [{"label": "Service shop/api"}]}, "want": "Service shop/api"},
		"two sections of one": {
			"refs": {"policy-target": [{"label": "Service shop/api"}, {"label": "Service shop/api"}]},
			"want": "Service shop/api",
		},
		"two": {
			"refs": {"policy-target": [{"label": "Service shop/web"}, {"label": "Service shop/api"}]},
			"want": "Service shop/api and Service shop/web",
		},
		"none": {"refs": {}, "want": "its target"},
	}
	text.targets(case.refs) == case.want
}

test_unfilled if {
	every value in ["${NS}/client-ca", "shop/$CA", "$(NAMESPACE)/ca", "#{Namespace}/ca", "{{ .Release.Namespace }}/ca", "<path:secret/data/shop#ca>"] {
		text.unfilled(value)
	}
}

test_filled if {
	every value in ["", "shop/client-ca", "CN=(web|api)$", "^a$|b", "$1"] {
		not text.unfilled(value)
	}
}
