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

test_canary[name] if {
	some name, case in {
		"true": {"annotations": {"nginx.ingress.kubernetes.io/canary": "true"}, "want": true},
		"false": {"annotations": {"nginx.ingress.kubernetes.io/canary": "false"}, "want": false},
		"no boolean": {"annotations": {"nginx.ingress.kubernetes.io/canary": "yes"}, "want": false},
		"no canary": {"annotations": {}, "want": false},
	}
	{true | nginx.canary(case.annotations)} == {true | case.want}
}

served(tls) := {"spec": {"tls": tls}}

test_tls_secret[name] if {
	some name, case in {
		"named": {"tls": [{"hosts": ["api.shop.test"], "secretName": "api"}], "want": {"api"}},
		"in other letters": {"tls": [{"hosts": ["API.shop.test"], "secretName": "api"}], "want": {"api"}},
		"the first": {"tls": [{"hosts": ["api.shop.test"], "secretName": "a"}, {"hosts": ["api.shop.test"], "secretName": "b"}], "want": {"a"}},
		"without a Secret": {"tls": [{"hosts": ["api.shop.test"]}], "want": {""}},
		"a wildcard is not expanded": {"tls": [{"hosts": ["*.shop.test"], "secretName": "a"}], "want": set()},
		"none": {"tls": [], "want": set()},
	}
	{secret | secret := nginx.tls_secret(served(case.tls), "api.shop.test")} == case.want
}

test_tls_leaves_out[name] if {
	some name, case in {
		"named": {"tls": [{"hosts": ["api.shop.test"], "secretName": "api"}], "want": false},
		"named by a later entry": {
			"tls": [{"hosts": ["www.shop.test"], "secretName": "www"}, {"hosts": ["api.shop.test"], "secretName": "api"}],
			"want": false,
		},
		"named without a Secret": {"tls": [{"hosts": ["api.shop.test"]}, {"secretName": "any"}], "want": true},
		"another host": {"tls": [{"hosts": ["www.shop.test"], "secretName": "www"}], "want": true},
		"no host at all": {"tls": [{"secretName": "any"}], "want": false},
		"a wildcard that covers it": {"tls": [{"hosts": ["*.shop.test"], "secretName": "any"}], "want": false},
		"a wildcard of another": {"tls": [{"hosts": ["*.test"], "secretName": "any"}], "want": true},
		"a wildcard without a Secret": {"tls": [{"hosts": ["*.shop.test"]}], "want": true},
		"no TLS": {"tls": [], "want": false},
	}
	{true | nginx.tls_leaves_out(served(case.tls), "api.shop.test")} == {true | case.want}
}

test_covers[name] if {
	some name, case in {
		"the host": {"name": "API.shop.test", "want": true},
		"a wildcard": {"name": "*.Shop.test", "want": true},
		"a wildcard of more labels": {"name": "*.test", "want": false},
		"another": {"name": "www.shop.test", "want": false},
	}
	{true | nginx.covers(case.name, "api.shop.test")} == {true | case.want}
}

# What keeps making a Secret has yet to fill it in.
test_being_made[name] if {
	producer := {"label": "Certificate shop/api", "chain": "Certificate shop/api"}
	some name, case in {
		"empty": {"ref": {"producer": producer, "keys": []}, "want": true},
		"an empty pair": {"ref": {"producer": producer, "keys": ["tls.crt", "tls.key"], "pair": "empty"}, "want": true},
		"a certificate for the time being": {
			"ref": {"producer": producer, "keys": ["tls.crt", "tls.key"], "pair": "match", "also": {"tls.crt": {"certificates": ["provisional"]}}},
			"want": true,
		},
		"issued": {
			"ref": {"producer": producer, "keys": ["tls.crt", "tls.key"], "pair": "match", "also": {"tls.crt": {"certificates": ["issued"]}}},
			"want": false,
		},
		"nobody makes it": {"ref": {"keys": []}, "want": false},
		"not there yet": {"ref": {"producer": producer, "keys": [], "presence": "promised"}, "want": false},
	}
	ref := object.union({"presence": "present", "key_presence": "absent"}, case.ref)
	known := {"certificates": {"provisional": {"issuer": "CN=cert-manager.local"}, "issued": {"issuer": "CN=Shop"}}}
	made := {true | nginx.being_made(ref)} with input as known
	made == {true | case.want}
	missing := {true | nginx.missing(ref)} with input as known
	missing == {true | not case.want}
}

# White space beside a key pair has the Secret refused; nothing at all has client certificates turned off.
test_key_pair_only[name] if {
	some name, case in {
		"no CA": {"ref": {"key_presence": "absent"}, "want": true},
		"an empty one": {"ref": {"key_presence": "present", "content": {"empty": true}}, "want": true},
		"white space": {"ref": {"key_presence": "present", "content": {"empty": true, "go": "refused"}}, "want": false},
	}
	ref := object.union({"presence": "present", "pair": "match", "namespace": "shop", "keys": ["tls.crt", "tls.key"]}, case.ref)
	{true | nginx.key_pair_only(ref)} == {true | case.want}
}

test_taken[name] if {
	some name, case in {
		"a CA": {"ref": {}, "want": true},
		"beside a pair": {"ref": {"pair": "match"}, "want": true},
		"beside a pair that does not fit": {"ref": {"pair": "mismatch"}, "want": false},
		"beside lists that are refused": {"ref": {"revocation": {"go": "refused"}}, "want": false},
		"beside lists": {"ref": {"revocation": {"go": "accepted"}}, "want": true},
		"refused": {"ref": {"content": {"go": "refused"}}, "want": false},
		"out of sight": {"ref": {"content": {"go": "unknown"}}, "want": false},
	}
	ref := object.union({"namespace": "shop", "content": {"go": "accepted"}}, case.ref)
	{true | nginx.taken(ref)} == {true | case.want}
}

test_lets_all_in[name] if {
	some name, case in {
		"whatever it leads to": {"role": "client-ca", "mode": "optional_no_ca", "want": true},
		"only what leads to a root": {"role": "client-ca", "mode": "optional", "want": false},
		"backends": {"role": "upstream-ca", "mode": "optional_no_ca", "want": false},
	}
	known := {"object": {"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-verify-client": case.mode}}}}
	got := {true | nginx.lets_all_in({"role": case.role})} with input as known
	got == {true | case.want}
}

test_closes if {
	nginx.closes("client-ca", {canary: "true"})
	nginx.closes("upstream-ca", {})
	not nginx.closes("upstream-ca", {canary: "true"})
}

test_loaded[name] if {
	some name, case in {
		"a CA": {"ref": {}, "want": true},
		"refused by nginx": {"ref": {"trust": {"openssl": "refused"}}, "want": false},
		"not all in sight": {"ref": {"trust": {"complete": false}}, "want": false},
		"refused by the controller": {"ref": {"content": {"go": "refused"}}, "want": false},
	}
	trust := {"openssl": "accepted", "complete": true}
	ref := object.union({"role": "client-ca", "namespace": "shop", "content": {"go": "accepted"}, "trust": trust}, case.ref)
	got := {true | nginx.loaded(ref)} with input as {"object": {"metadata": {"annotations": {}}}}
	got == {true | case.want}
}

test_passthrough_off[name] if {
	some name, case in {
		"known to be off": {"value": "false", "certainty": "known", "want": true},
		"off by default": {"value": "false", "certainty": "assumed", "want": false},
		"on": {"value": "true", "certainty": "known", "want": false},
	}
	settings := {"ingress-nginx": {"enable-ssl-passthrough": {"value": case.value, "certainty": case.certainty}}}
	off := {true | nginx.passthrough_off} with input as {"settings": settings}
	off == {true | case.want}
}

test_location_only[name] if {
	some name, case in {
		"on": {"value": "true", "want": true},
		"off": {"value": "false", "want": false},
	}
	settings := {"ingress-nginx": {"proxy-ssl-location-only": {"value": case.value, "certainty": "known"}}}
	only := {true | nginx.location_only} with input as {"settings": settings}
	only == {true | case.want}
}

test_switched[name] if {
	some name, case in {
		"here": {"annotations": {"nginx.ingress.kubernetes.io/ssl-redirect": "T"}, "configured": "false", "want": [true, true]},
		"off here": {"annotations": {"nginx.ingress.kubernetes.io/ssl-redirect": "0"}, "configured": "true", "want": [true, false]},
		"no boolean here": {"annotations": {"nginx.ingress.kubernetes.io/ssl-redirect": "on"}, "configured": "true", "want": [false, true]},
		"for all": {"annotations": {}, "configured": "true", "want": [false, true]},
		"off for all": {"annotations": {}, "configured": "false", "want": [false, false]},
	}
	document := {
		"object": {"metadata": {"annotations": case.annotations}},
		"settings": {"ingress-nginx": {"ssl-redirect": {"value": case.configured, "certainty": "known", "reason": "the config says so"}}},
	}
	here := count({1 | nginx.switched("ssl-redirect")}) == 1 with input as document
	on := count({1 | nginx.switched_on("ssl-redirect")}) == 1 with input as document
	[here, on] == case.want
}

test_switched_without_annotations if {
	nginx.switched_on("ssl-redirect") with input as {
		"object": {"metadata": {"name": "web"}},
		"settings": {"ingress-nginx": {"ssl-redirect": {"value": "true", "certainty": "assumed", "reason": "its default"}}},
	}
}

test_depth_of_the_whole_file[name] if {
	some name, case in {
		"of both": {"ref": {"content": {"depth": 1}, "trust": {"depth": 2}}, "known": [2], "least": 2},
		"of the bundle": {"ref": {"content": {"depth": 2}, "trust": {"openssl": "refused"}}, "known": [2], "least": 2},
		"of nothing": {"ref": {"presence": "promised"}, "known": [], "least": 1},
	}
	[depth | depth := nginx.needed_depth(case.ref)] == case.known
	nginx.least_depth(case.ref) == case.least
}
