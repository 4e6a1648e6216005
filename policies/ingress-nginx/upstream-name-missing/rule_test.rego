package policies["ingress-nginx"]["upstream-name-missing_test"]

import data.policies["ingress-nginx"]["upstream-name-missing"] as rule

n(name) := concat("", ["nginx.ingress.kubernetes.io/", name])

verified := {
	n("backend-protocol"): "HTTPS",
	n("proxy-ssl-secret"): "shop/upstream-ca",
	n("proxy-ssl-verify"): "on",
}

ref := {"path": ["metadata", "annotations", n("proxy-ssl-secret")], "in_force": true, "presence": "present", "key_presence": "present"}

judge(annotations, known, peers) := findings if {
	document := {
		"object": {"metadata": {"annotations": object.union(verified, annotations)}},
		"refs": {"upstream-ca": [object.union(ref, known)]},
		"peers": {"host": [{"object": {"metadata": {"annotations": peer}}} | some peer in peers]},
	}
	findings := rule.findings with input as document
}

test_found[name] if {
	some name, case in {
		"no name": {
			"annotations": {},
			"want": ["proxy-ssl-verify", "error", "every request to the paths of this Ingress gets 502, because proxy-ssl-name is not set, and nginx then looks for the name \"upstream_balancer\" in the backends' certificates"],
		},
		"a blank one, and a peer that has none either": {
			"annotations": {n("proxy-ssl-name"): " "},
			"peers": [{n("proxy-ssl-name"): "api.shop.svc"}, {n("proxy-ssl-secret"): "shop/upstream-ca"}, {}],
			"want": ["proxy-ssl-verify", "error", "every request to the paths of this Ingress gets 502, because proxy-ssl-name is not set, and nginx then looks for the name \"upstream_balancer\" in the backends' certificates"],
		},
		"one that is refused": {
			"annotations": {n("proxy-ssl-name"): "api shop"},
			"want": ["proxy-ssl-name", "error", "every request to the paths of this Ingress gets 502, because ingress-nginx refuses the proxy-ssl-name \"api shop\", and nginx then looks for the name \"upstream_balancer\" in the backends' certificates"],
		},
		"no server name": {
			"annotations": {n("proxy-ssl-name"): "api.shop.svc"},
			"want": ["proxy-ssl-name", "info", "a backend with several certificates is not told which one to show (SNI), because proxy-ssl-server-name is not set, and nginx does not send proxy-ssl-name without it"],
		},
		"no server name, and nothing is verified": {
			"annotations": {n("proxy-ssl-name"): "api.shop.svc", n("proxy-ssl-verify"): "off", n("proxy-ssl-server-name"): ""},
			"ref": {"in_force": false},
			"want": ["proxy-ssl-name", "info", "a backend with several certificates is not told which one to show (SNI), because proxy-ssl-server-name is not set, and nginx does not send proxy-ssl-name without it"],
		},
		"the name for a server name": {
			"annotations": {n("proxy-ssl-name"): "api.shop.svc", n("proxy-ssl-server-name"): "api.shop.svc"},
			"want": ["proxy-ssl-server-name", "warning", "a backend with several certificates is not told which one to show (SNI), because proxy-ssl-server-name is \"api.shop.svc\", and ingress-nginx takes whatever is not \"on\" for off"],
		},
		"a server name that is meant to be on": {
			"annotations": {n("proxy-ssl-name"): "api.shop.svc", n("proxy-ssl-server-name"): "true"},
			"want": ["proxy-ssl-server-name", "warning", "a backend with several certificates is not told which one to show (SNI), because proxy-ssl-server-name is \"true\", and ingress-nginx takes whatever is not \"on\" for off"],
		},
	}
	findings := judge(case.annotations, object.get(case, "ref", {}), object.get(case, "peers", []))
	{[f.path, object.get(f, "severity", "error"), sprintf("%s, because %s", [f.effect, f.message])] | some f in findings} == {[
		["metadata", "annotations", n(case.want[0])],
		case.want[1],
		case.want[2],
	]}
}

test_fix if {
	findings := judge({n("proxy-ssl-name"): "api.shop.svc", n("proxy-ssl-server-name"): "On"}, {}, [])
	{f.fix.edits[0] | some f in findings} == {{
		"op": "set",
		"path": ["metadata", "annotations", n("proxy-ssl-server-name")],
		"value": "on",
	}}
}

named := {n("proxy-ssl-name"): "api.shop.svc", n("proxy-ssl-server-name"): "on"}

test_silent[name] if {
	some name, case in {
		"both": {"annotations": named},
		"a name from outside": {"annotations": object.union(named, {n("proxy-ssl-name"): " *.shop.test "})},
		"the server name is off on purpose": {"annotations": object.union(named, {n("proxy-ssl-server-name"): "off"})},
		"on, with blanks": {"annotations": object.union(named, {n("proxy-ssl-server-name"): " on"})},
		"the name is set by hand": {"annotations": {n("configuration-snippet"): "proxy_ssl_name api.shop.svc;"}},
		"the name is set by another Ingress": {
			"annotations": {},
			"peers": [{n("proxy-ssl-secret"): "shop/upstream-ca", n("proxy-ssl-name"): "api.shop.svc"}],
		},
		"nothing is verified": {"annotations": {n("proxy-ssl-verify"): "off"}, "ref": {"in_force": false}},
		"the Secret is missing": {"annotations": {}, "ref": {"presence": "absent"}},
		"the Secret is missing, and there is a name": {
			"annotations": {n("proxy-ssl-name"): "api.shop.svc"},
			"ref": {"presence": "absent"},
		},
		"the Secret holds no CA": {"annotations": {}, "ref": {"key_presence": "absent"}},
		"no TLS": {
			"annotations": {n("proxy-ssl-name"): "api.shop.svc", n("backend-protocol"): "HTTP"},
			"ref": {"in_force": false},
		},
		"a canary": {"annotations": {n("canary"): "true"}},
		"a canary with a name": {"annotations": {n("canary"): "true", n("proxy-ssl-name"): "api.shop.svc"}},
		"the server name is set by hand": {"annotations": {
			n("proxy-ssl-name"): "api.shop.svc",
			n("configuration-snippet"): "proxy_ssl_server_name on;",
		}},
	}
	count(judge(case.annotations, object.get(case, "ref", {}), object.get(case, "peers", []))) == 0
}
