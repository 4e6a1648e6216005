package lib.nginx_test

import data.lib.nginx

test_truth if {
	every yes in ["1", "t", "T", "true", "True", "TRUE"] {
		yes in nginx.truth
	}
	every no in ["", "0", "false", "yes", "on", "tRUE", " true"] {
		not no in nginx.truth
	}
}

secret := {"nginx.ingress.kubernetes.io/auth-tls-secret": "shop/client-ca"}

test_client_policy_defaults if {
	nginx.client_policy(secret) == {
		"auth-tls-secret": "shop/client-ca",
		"auth-tls-verify-client": "on",
		"auth-tls-verify-depth": 1,
		"auth-tls-error-page": "",
		"auth-tls-pass-certificate-to-upstream": false,
		"auth-tls-match-cn": "",
	}
}

test_client_policy_equal[name] if {
	some name, annotations in {
		"the defaults written down": {
			"nginx.ingress.kubernetes.io/auth-tls-verify-client": "on",
			"nginx.ingress.kubernetes.io/auth-tls-verify-depth": "1",
			"nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream": "0",
		},
		"a mode that nobody knows becomes on": {"nginx.ingress.kubernetes.io/auth-tls-verify-client": "Optional"},
		"a depth of nought": {"nginx.ingress.kubernetes.io/auth-tls-verify-depth": "0"},
		"a depth with a nought before it": {"nginx.ingress.kubernetes.io/auth-tls-verify-depth": "01"},
		"a depth that is no number": {"nginx.ingress.kubernetes.io/auth-tls-verify-depth": "abc"},
		"another annotation": {"nginx.ingress.kubernetes.io/proxy-ssl-verify": "on"},
	}
	nginx.client_policy(object.union(secret, annotations)) == nginx.client_policy(secret)
}

test_client_policy_differs[name] if {
	some name, annotations in {
		"auth-tls-secret": {"nginx.ingress.kubernetes.io/auth-tls-secret": "shop/other"},
		"auth-tls-verify-client": {"nginx.ingress.kubernetes.io/auth-tls-verify-client": "optional_no_ca"},
		"auth-tls-verify-depth": {"nginx.ingress.kubernetes.io/auth-tls-verify-depth": "2"},
		"auth-tls-error-page": {"nginx.ingress.kubernetes.io/auth-tls-error-page": "https://shop.test/cert"},
		"auth-tls-pass-certificate-to-upstream": {"nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream": "T"},
		"auth-tls-match-cn": {"nginx.ingress.kubernetes.io/auth-tls-match-cn": "CN=shop"},
	}
	mine := nginx.client_policy(secret)
	theirs := nginx.client_policy(object.union(secret, annotations))
	{setting | some setting, value in mine; value != theirs[setting]} == {name}
}

test_depth[name] if {
	some name, case in {
		"a number": {"value": "2", "want": 2},
		"with a sign": {"value": "+2", "want": 2},
		"with noughts": {"value": "002", "want": 2},
		"with noughts and a sign": {"value": "-002", "want": -2},
		"nought": {"value": "0", "want": 1},
		"negative nought": {"value": "-0", "want": 1},
		"empty": {"value": "", "want": 1},
		"text": {"value": "abc", "want": 1},
		"spaces": {"value": " 2", "want": 1},
		"a line break": {"value": "2\n", "want": 1},
		"a fraction": {"value": "2.0", "want": 1},
		"no string": {"value": 2, "want": 1},
		"the greatest int64": {"value": "9223372036854775807", "want": 9223372036854775807},
		"more than that": {"value": "9223372036854775808", "want": 1},
		"the least int64": {"value": "-9223372036854775808", "want": -9223372036854775808},
		"less than that": {"value": "-9223372036854775809", "want": 1},
	}
	nginx.depth(case.value) == case.want
}

test_asks_clients[name] if {
	some name, case in {
		"a CA": {"annotations": secret, "want": true},
		"a mode that nobody knows": {
			"annotations": object.union(secret, {"nginx.ingress.kubernetes.io/auth-tls-verify-client": "Off"}),
			"want": true,
		},
		"off": {
			"annotations": object.union(secret, {"nginx.ingress.kubernetes.io/auth-tls-verify-client": "off"}),
			"want": false,
		},
		"an empty CA": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-secret": ""}, "want": false},
		"no CA": {"annotations": {}, "want": false},
	}
	{true | nginx.asks_clients(case.annotations)} == {true | case.want}
}

test_names_client_ca[name] if {
	some name, case in {
		"a CA": {"annotations": secret, "want": true},
		"empty": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-secret": ""}, "want": false},
		"spaces": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-secret": "  "}, "want": false},
		"none": {"annotations": {}, "want": false},
	}
	{true | nginx.names_client_ca(case.annotations)} == {true | case.want}
}

test_verify_client[value] if {
	some value, want in {
		"on": "on",
		"off": "off",
		" optional ": "optional",
		"optional_no_ca": "optional_no_ca",
		"Off": "on",
		"off\n": "on",
		"": "on",
	}
	nginx.verify_client(value) == want
}

test_verify_client_no_text if {
	some value in json.unmarshal("[false, 1]")
	nginx.verify_client(value) == "on"
}

test_asking_options[name] if {
	some name, case in {
		"a mode": {"settings": {"verify-client": "on"}, "want": ["auth-tls-verify-client"]},
		"a mode that nobody knows": {"settings": {"verify-client": "Off"}, "want": ["auth-tls-verify-client"]},
		"off": {"settings": {"verify-client": "off", "match-cn": "CN=a"}, "want": []},
		"all of them": {
			"settings": {"error-page": "/a", "pass-certificate-to-upstream": "1", "match-cn": "CN=a", "verify-client": "on", "verify-depth": "1"},
			"want": [
				"auth-tls-verify-client",
				"auth-tls-match-cn",
				"auth-tls-pass-certificate-to-upstream",
				"auth-tls-error-page",
			],
		},
		"blanks": {"settings": {"error-page": "", "pass-certificate-to-upstream": "", "match-cn": " ", "verify-client": ""}, "want": []},
		"no header": {"settings": {"pass-certificate-to-upstream": "false"}, "want": []},
	}
	annotations := {annotation: value |
		some setting, value in case.settings
		annotation := sprintf("nginx.ingress.kubernetes.io/auth-tls-%s", [setting])
	}
	nginx.asking_options(annotations) == case.want
}

test_option_severity if {
	nginx.option_severity(["auth-tls-error-page", "auth-tls-match-cn"]) == "error"
	nginx.option_severity(["auth-tls-error-page"]) == "warning"
}

test_without_client_ca[name] if {
	some name, case in {
		"nobody": {"hosts": ["b.test", "a.test"], "others": [], "want": ["a.test", "b.test"]},
		"one of two": {"hosts": ["b.test", "a.test"], "others": [{"key": "a.test", "object": {"metadata": {"annotations": secret}}}], "want": ["b.test"]},
		"one without": {"hosts": ["a.test"], "others": [{"key": "a.test", "object": {"metadata": {}}}], "want": ["a.test"]},
		"no host": {"hosts": [""], "others": [], "want": ["the catch-all server"]},
		"no rule": {"hosts": [], "others": [], "want": ["the catch-all server"]},
	}
	nginx.without_client_ca({"spec": {"rules": [{"host": host} | some host in case.hosts]}}, case.others) == case.want
}

test_canary if {
	nginx.canary({"nginx.ingress.kubernetes.io/canary": "true"})
	not nginx.canary({"nginx.ingress.kubernetes.io/canary": "yes"})
	not nginx.canary({})
}

test_parent[host] if {
	some host, want in {"api.shop.test": "*.shop.test", "*.shop.test": "*.shop.test", "localhost": "localhost", "": ""}
	nginx.parent(host) == want
}

passthrough := "nginx.ingress.kubernetes.io/ssl-passthrough"

canary := "nginx.ingress.kubernetes.io/canary"

test_passes_through[name] if {
	some name, case in {
		"true": {"annotations": {passthrough: "true"}, "want": true},
		"1": {"annotations": {passthrough: "1", canary: "false"}, "want": true},
		"yes is no boolean": {"annotations": {passthrough: "yes"}, "want": false},
		"a canary": {"annotations": {passthrough: "true", canary: "true"}, "want": false},
		"none": {"annotations": {}, "want": false},
	}
	{true | nginx.passes_through(case.annotations)} == {true | case.want}
}

ingress(path) := {
	"metadata": {"name": "db"},
	"spec": {"rules": [{"host": "db.shop.test", "http": {"paths": [path]}}]},
}

test_passable[name] if {
	some name, case in {
		"the root": {"host": "db.shop.test", "ingresses": [ingress({"path": "/", "pathType": "Prefix"})], "want": true},
		"no path": {"host": "db.shop.test", "ingresses": [ingress({})], "want": true},
		"an empty path": {"host": "db.shop.test", "ingresses": [ingress({"path": ""})], "want": true},
		"as the implementation likes": {
			"host": "db.shop.test",
			"ingresses": [ingress({"path": "/", "pathType": "ImplementationSpecific"})],
			"want": true,
		},
		"of another one": {"host": "db.shop.test", "ingresses": [ingress({"path": "/a"}), ingress({"path": "/"})], "want": true},
		"exactly the root": {
			"host": "db.shop.test",
			"ingresses": [ingress({"path": "/", "pathType": "Exact"})],
			"want": false,
		},
		"another path": {"host": "db.shop.test", "ingresses": [ingress({"path": "/a"})], "want": false},
		"another host": {"host": "api.shop.test", "ingresses": [ingress({"path": "/"})], "want": false},
		"a canary's root": {
			"host": "db.shop.test",
			"ingresses": [object.union(ingress({"path": "/"}), {"metadata": {"annotations": {canary: "true"}}})],
			"want": false,
		},
		"a wildcard host": {
			"host": "*.shop.test",
			"ingresses": [{"spec": {"rules": [{"host": "*.shop.test", "http": {"paths": [{"path": "/"}]}}]}}],
			"want": false,
		},
		"no host": {
			"host": "",
			"ingresses": [{"spec": {"rules": [{"http": {"paths": [{"path": "/"}]}}]}}],
			"want": false,
		},
	}
	{true | nginx.passable(case.host, case.ingresses)} == {true | case.want}
}

test_by_hand[name] if {
	some name, case in {
		"a location's": {
			"annotations": {"nginx.ingress.kubernetes.io/configuration-snippet": "proxy_ssl_name api;\n"},
			"want": true,
		},
		"a server's": {"annotations": {"nginx.ingress.kubernetes.io/server-snippet": "proxy_ssl_name api;"}, "want": true},
		"another directive": {
			"annotations": {"nginx.ingress.kubernetes.io/configuration-snippet": "proxy_ssl_verify on;"},
			"want": false,
		},
		"no snippet": {"annotations": {}, "want": false},
	}
	{true | nginx.by_hand(case.annotations, "proxy_ssl_name")} == {true | case.want}
}
