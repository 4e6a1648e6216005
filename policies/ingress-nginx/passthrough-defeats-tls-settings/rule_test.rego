package policies["ingress-nginx"]["passthrough-defeats-tls-settings_test"]

import data.policies["ingress-nginx"]["passthrough-defeats-tls-settings"] as rule

n(name) := concat("", ["nginx.ingress.kubernetes.io/", name])

through := {n("ssl-passthrough"): "true"}

basic := {n("auth-type"): "basic", n("auth-secret"): "passwords"}

ingress(annotations, host) := {
	"metadata": {"annotations": annotations},
	"spec": {
		"rules": [{"host": host, "http": {"paths": [{"path": "/"}]}}],
	},
}

peer(annotations) := {
	"key": "db.shop.test",
	"label": "Ingress shop/other",
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": "shop",
	"name": "other",
	"object": ingress(annotations, "db.shop.test"),
}

judge(annotations, host, peers) := findings if {
	document := {"object": ingress(annotations, host), "peers": {"host": peers}}
	findings := rule.findings with input as document
}

test_found[name] if {
	some name, case in {
		"a password": {
			"annotations": object.union(through, basic),
			"want": ["auth-type", "error", "nobody is asked to log in to db.shop.test on port 443, because ssl-passthrough hands TLS of that host to the backend, and auth-type does nothing there"],
		},
		"a login elsewhere": {
			"annotations": object.union(through, {n("auth-url"): "https://login.shop.test/auth"}),
			"want": ["auth-url", "error", "nobody is asked to log in to db.shop.test on port 443, because ssl-passthrough hands TLS of that host to the backend, and auth-url does nothing there"],
		},
		"ciphers": {
			"annotations": object.union(through, {n("ssl-ciphers"): "ECDHE-ECDSA-AES256-GCM-SHA384"}),
			"want": ["ssl-ciphers", "warning", "clients of db.shop.test agree on ciphers with the backend, because ssl-passthrough hands TLS of that host to the backend, and ssl-ciphers does nothing there"],
		},
		"TLS to backends": {
			"annotations": object.union(through, {n("proxy-ssl-secret"): "shop/upstream-ca"}),
			"want": ["proxy-ssl-secret", "warning", "nginx neither verifies the backends of db.shop.test on port 443 nor shows them a certificate, because ssl-passthrough hands TLS of that host to the backend, and proxy-ssl-secret does nothing there"],
		},
		"another one passes through": {
			"annotations": basic,
			"peers": [peer(through)],
			"want": ["auth-type", "error", "nobody is asked to log in to db.shop.test on port 443, because ssl-passthrough of Ingress shop/other hands TLS of that host to the backend, and auth-type does nothing there"],
		},
		"another one asks for a password": {
			"annotations": through,
			"peers": [peer(basic), peer({})],
			"want": ["ssl-passthrough", "error", "nobody is asked to log in to db.shop.test on port 443, because ssl-passthrough hands TLS to the backend, past the login that Ingress shop/other asks for"],
		},
	}
	findings := judge(case.annotations, "db.shop.test", object.get(case, "peers", []))
	{[f.path, object.get(f, "severity", "error"), sprintf("%s, because %s", [f.effect, f.message])] | some f in findings} == {[
		["metadata", "annotations", n(case.want[0])],
		case.want[1],
		case.want[2],
	]}
}

test_related if {
	{f.related | some f in judge(basic, "db.shop.test", [peer(through)])} == {[{
		"group": "networking.k8s.io",
		"kind": "Ingress",
		"namespace": "shop",
		"name": "other",
		"path": ["metadata", "annotations", n("ssl-passthrough")],
		"message": "passes TLS through",
	}]}
}

test_silent[name] if {
	some name, case in {
		"nothing is set": {"annotations": through},
		"nothing is passed through": {"annotations": basic},
		"empty values": {"annotations": object.union(through, {n("auth-url"): "", n("auth-type"): " ", n("ssl-ciphers"): ""})},
		"a password without a list": {"annotations": object.union(through, {n("auth-type"): "basic", n("auth-secret"): ""})},
		"a wildcard host": {"annotations": object.union(through, basic), "host": "*.shop.test"},
		"a canary": {"annotations": object.union(basic, {n("canary"): "true"}), "peers": [peer(through)]},
		"another one's canary": {
			"annotations": through,
			"peers": [peer(object.union(basic, {n("canary"): "true"}))],
		},
	}
	count(judge(
		case.annotations,
		object.get(case, "host", "db.shop.test"),
		object.get(case, "peers", []),
	)) == 0
}
