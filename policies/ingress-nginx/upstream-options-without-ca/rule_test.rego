package policies["ingress-nginx"]["upstream-options-without-ca_test"]

import data.policies["ingress-nginx"]["upstream-options-without-ca"] as rule

n(name) := concat("", ["nginx.ingress.kubernetes.io/", name])

https := {n("backend-protocol"): "HTTPS"}

judge(annotations, peers) := findings if {
	document := {
		"object": {
			"metadata": {"annotations": object.union(https, annotations)},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"peers": {"host": [{"object": {"metadata": {"annotations": peer}}} | some peer in peers]},
	}
	findings := rule.findings with input as document
}

test_found[name] if {
	some name, case in {
		"verify": {
			"annotations": {n("proxy-ssl-verify"): "on"},
			"want": ["proxy-ssl-verify", "error", "the backends of api.shop.test are not verified, because proxy-ssl-verify does nothing without proxy-ssl-secret"],
		},
		"verify in other words, and an empty Secret": {
			"annotations": {n("proxy-ssl-verify"): "true", n("proxy-ssl-secret"): ""},
			"want": ["proxy-ssl-verify", "error", "the backends of api.shop.test are not verified, because proxy-ssl-verify does nothing without proxy-ssl-secret"],
		},
		"verify and a name": {
			"annotations": {n("proxy-ssl-verify"): "on", n("proxy-ssl-name"): "api.shop.svc"},
			"want": ["proxy-ssl-verify", "error", "the backends of api.shop.test are not verified, because proxy-ssl-name and proxy-ssl-verify do nothing without proxy-ssl-secret"],
		},
		"a server name": {
			"annotations": {n("proxy-ssl-server-name"): "on", n("proxy-ssl-verify"): "off"},
			"want": ["proxy-ssl-server-name", "warning", "nginx calls the backends of api.shop.test as if nothing were set, because proxy-ssl-server-name does nothing without proxy-ssl-secret"],
		},
		"another Ingress of the host has none either": {
			"annotations": {n("proxy-ssl-protocols"): "TLSv1.3"},
			"peers": [{n("proxy-ssl-secret"): ""}, {}],
			"want": ["proxy-ssl-protocols", "warning", "nginx calls the backends of api.shop.test as if nothing were set, because proxy-ssl-protocols does nothing without proxy-ssl-secret"],
		},
	}
	findings := judge(case.annotations, object.get(case, "peers", []))
	{[f.path, object.get(f, "severity", "error"), sprintf("%s, because %s", [f.effect, f.message])] | some f in findings} == {[
		["metadata", "annotations", n(case.want[0])],
		case.want[1],
		case.want[2],
	]}
}

test_silent[name] if {
	some name, case in {
		"a Secret": {"annotations": {n("proxy-ssl-verify"): "on", n("proxy-ssl-secret"): "shop/upstream-ca"}},
		"blanks for a Secret, which references/malformed reports": {"annotations": {n("proxy-ssl-verify"): "on", n("proxy-ssl-secret"): " "}},
		"empty values": {"annotations": {n("proxy-ssl-verify"): "", n("proxy-ssl-name"): ""}},
		"defaults": {"annotations": {n("proxy-ssl-verify"): "off", n("proxy-ssl-verify-depth"): "1"}},
		"another protocol": {"annotations": {n("proxy-ssl-verify"): "on", n("backend-protocol"): "GRPCS"}},
		"a canary": {"annotations": {n("proxy-ssl-verify"): "on", n("canary"): "true"}},
		"set by hand": {"annotations": {
			n("proxy-ssl-verify"): "on",
			n("configuration-snippet"): "proxy_ssl_verify on;",
		}},
		"set by another Ingress of the host": {
			"annotations": {n("proxy-ssl-verify"): "on"},
			"peers": [{n("proxy-ssl-secret"): "shop/upstream-ca"}],
		},
	}
	count(judge(case.annotations, object.get(case, "peers", []))) == 0
}
