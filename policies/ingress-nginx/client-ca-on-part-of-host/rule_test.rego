package policies["ingress-nginx"]["client-ca-on-part-of-host_test"]

import data.policies["ingress-nginx"]["client-ca-on-part-of-host"] as rule

ref := {
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"],
	"in_force": true,
	"presence": "present",
	"key_presence": "present",
}

judge(mode, peers, changed) := findings if {
	document := {
		"id": {"namespace": "shop"},
		"object": {
			"metadata": {"annotations": {
				"nginx.ingress.kubernetes.io/auth-tls-secret": "shop/ca",
				"nginx.ingress.kubernetes.io/auth-tls-verify-client": mode,
			}},
			"spec": {"rules": [{"host": "api.shop.test", "http": {"paths": [{}]}}, {"host": "bare.shop.test"}, {"http": {}}]},
		},
		"refs": {"client-ca": [object.union(ref, changed)]},
		"peers": {"host": peers},
	}
	findings := rule.findings with input as document
}

other(settings, paths, namespace, age) := {
	"key": "api.shop.test",
	"label": sprintf("Ingress %s/other", [namespace]),
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": namespace,
	"name": "other",
	"object": {
		"metadata": {"annotations": {annotation: value |
			some setting, value in settings
			annotation := sprintf("nginx.ingress.kubernetes.io/%s", [setting])
		}},
		"spec": {"rules": [{"host": "api.shop.test", "http": {"paths": [{"path": path} | some path in paths]}}]},
	},
	"age": age,
}

test_finding if {
	judge("on", [other({}, ["/status"], "shop", "unknown")], {}) == {{
		"path": ref.path,
		"message": "Ingress shop/other has no auth-tls-*, and ingress-nginx asks the clients of the whole host",
		"effect": "requests to the paths of Ingress shop/other on api.shop.test without a client certificate get 400",
		"remedy": "write the same auth-tls-* on every Ingress of the host, or separate hosts",
		"severity": "warning",
		"related": [{
			"group": "networking.k8s.io",
			"kind": "Ingress",
			"namespace": "shop",
			"name": "other",
			"path": ["metadata", "name"],
			"message": "has no auth-tls-*",
		}],
	}}
}

test_severity[name] if {
	some name, case in {
		"of one namespace": {"peers": [other({}, ["/"], "shop", "older")], "want": "warning"},
		"of another": {"peers": [other({}, ["/"], "docs", "older")], "want": "error"},
		"of another, in files": {"peers": [other({}, ["/"], "docs", "unknown")], "want": "error"},
		"of another, and came later": {"peers": [other({}, ["/"], "docs", "newer")], "want": "warning"},
		"of one that is not told": {"peers": [other({}, ["/"], "", "unknown")], "want": "warning"},
		"one without annotations": {"peers": [json.remove(other({}, ["/"], "docs", "older"), ["/object/metadata/annotations"])], "want": "error"},
		"one among many": {"peers": [other({}, ["/"], "shop", "older"), other({}, ["/"], "docs", "older")], "want": "error"},
	}
	{f.severity | some f in judge("on", case.peers, {})} == {case.want}
}

test_two if {
	peers := [other({}, ["/"], "shop", "older"), other({}, ["/oauth2", "/login"], "docs", "older")]
	{f.message | some f in judge("on", peers, {})} == {"Ingress docs/other and Ingress shop/other have no auth-tls-*, and ingress-nginx asks the clients of the whole host"}
}

test_silent[name] if {
	some name, peer in {
		"the same policy": other({"auth-tls-secret": "shop/ca"}, ["/"], "shop", "older"),
		"asks for certificates": other({"auth-tls-verify-client": "on"}, ["/"], "shop", "older"),
		"a canary": other({"canary": "true"}, ["/"], "shop", "older"),
		"passes TLS through": other({"ssl-passthrough": "true"}, ["/"], "shop", "older"),
		"sign-in": other({}, ["/oauth2", "/oauth2/callback"], "docs", "older"),
		"challenges": other({}, ["/.well-known/acme-challenge/token"], "shop", "newer"),
		"no path": other({}, [], "shop", "older"),
		"a host to which nothing is applied": object.union(other({}, ["/"], "shop", "older"), {"key": "bare.shop.test"}),
		"the catch-all server": object.union(other({}, ["/"], "shop", "older"), {"key": ""}),
	}
	judge("on", [peer], {}) == set()
}

test_nobody_is_shut_out[name] if {
	some name, case in {
		"optional": {"mode": "optional", "ref": {}},
		"off": {"mode": "off", "ref": {"in_force": false}},
		"closed": {"mode": "on", "ref": {"presence": "absent"}},
		"no CA": {"mode": "on", "ref": {"key_presence": "absent"}},
	}
	judge(case.mode, [other({}, ["/"], "docs", "older")], case.ref) == set()
}

# The oldest policy of the host is in force. A key pair without a CA closes nothing.
test_shuts_nobody_out[name] if {
	some name, case in {
		"an older policy lets everybody in": {
			"peers": [object.union(other({"auth-tls-secret": "shop/ca", "auth-tls-verify-client": "optional"}, ["/a"], "shop", "older"), {"name": "first"}), other({}, ["/"], "shop", "older")],
			"ref": {},
		},
		"no CA": {
			"peers": [other({}, ["/"], "shop", "older")],
			"ref": {"presence": "present", "keys": ["ca.crt", "tls.crt", "tls.key"], "pair": "match", "content": {"empty": true, "opaque": false, "certificates": []}},
		},
	}
	judge("on", case.peers, case.ref) == set()
}

test_older_policy_of_another_host if {
	elsewhere := object.union(other({"auth-tls-secret": "shop/ca", "auth-tls-verify-client": "off"}, ["/a"], "shop", "older"), {"key": "www.shop.test"})
	count(judge("on", [elsewhere, other({}, ["/"], "shop", "older")], {})) == 1
}
