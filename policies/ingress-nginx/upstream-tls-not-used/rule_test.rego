package policies["ingress-nginx"]["upstream-tls-not-used_test"]

import data.policies["ingress-nginx"]["upstream-tls-not-used"] as rule

n(name) := concat("", ["nginx.ingress.kubernetes.io/", name])

protocol := n("backend-protocol")

verify := n("proxy-ssl-verify")

secret := n("proxy-ssl-secret")

ref := {"path": ["metadata", "annotations", secret], "in_force": false}

# Whatever the case, the Ingress names a Secret unless that says it does not.
refs(annotations) := {"upstream-ca": [ref]} if annotations[secret]

refs(annotations) := {} if not annotations[secret]

settings(redirect, forced) := {"ingress-nginx": {
	"ssl-redirect": {"value": redirect, "certainty": "known", "reason": "the config says so"},
	"force-ssl-redirect": {"value": forced, "certainty": "known", "reason": "the config says so"},
}}

judge(annotations, spec, peers) := judge_with(settings("true", "false"), annotations, spec, peers)

judge_with(configured, annotations, spec, peers) := findings if {
	document := {
		"object": {
			"metadata": {"annotations": annotations},
			"spec": object.union({"rules": [{"host": "api.shop.test"}]}, spec),
		},
		"refs": refs(annotations),
		"peers": {"host": [{"object": {"spec": peer}} | some peer in peers]},
		"settings": configured,
	}
	findings := rule.findings with input as document
}

test_found[name] if {
	some name, case in {
		"no protocol": {
			"annotations": {secret: "shop/upstream-ca"},
			"want": [secret, "error", "nginx calls the backends of api.shop.test without TLS, because proxy-ssl-secret counts only with backend-protocol HTTPS, and it is not set"],
		},
		"HTTP in lower case, and no Secret": {
			"annotations": {verify: "on", protocol: "http"},
			"want": [verify, "error", "nginx calls the backends of api.shop.test without TLS, because proxy-ssl-verify counts only with backend-protocol HTTPS, and it is HTTP"],
		},
		"GRPC": {
			"annotations": {secret: "shop/upstream-ca", protocol: "GRPC"},
			"want": [secret, "error", "nginx calls the backends of api.shop.test without TLS, because proxy-ssl-secret counts only with backend-protocol HTTPS, and it is GRPC"],
		},
		"AUTO_HTTP": {
			"annotations": {secret: "shop/upstream-ca", protocol: "AUTO_HTTP"},
			"peers": [{}, {"tls": []}],
			"want": [secret, "warning", "requests to api.shop.test that come in by plain HTTP go on without TLS, because backend-protocol AUTO_HTTP calls backends as the client called, and clients may call by plain HTTP"],
		},
		"AUTO_HTTP and no redirect": {
			"annotations": {secret: "shop/upstream-ca", protocol: "AUTO_HTTP", n("ssl-redirect"): "false"},
			"spec": {"tls": [{"hosts": ["api.shop.test"]}]},
			"want": [secret, "warning", "requests to api.shop.test that come in by plain HTTP go on without TLS, because backend-protocol AUTO_HTTP calls backends as the client called, and clients may call by plain HTTP"],
		},
		"GRPCS": {
			"annotations": {secret: "shop/upstream-ca", verify: "on", protocol: "GRPCS"},
			"want": [secret, "error", "the backends of api.shop.test are not verified, and see no client certificate, because with backend-protocol GRPCS nginx does not read what ingress-nginx makes of proxy-ssl-secret"],
		},
		"GRPCS, and nothing is to be verified": {
			"annotations": {secret: "shop/upstream-ca", protocol: "grpcs"},
			"want": [secret, "warning", "the backends of api.shop.test are not verified, and see no client certificate, because with backend-protocol GRPCS nginx does not read what ingress-nginx makes of proxy-ssl-secret"],
		},
	}
	findings := judge(case.annotations, object.get(case, "spec", {}), object.get(case, "peers", []))
	{[f.path[2], object.get(f, "severity", "error"), sprintf("%s, because %s", [f.effect, f.message])] | some f in findings} == {case.want}
}

test_silent[name] if {
	some name, case in {
		"HTTPS": {"annotations": {secret: "shop/upstream-ca", protocol: "HTTPS"}},
		"none that ingress-nginx knows": {"annotations": {secret: "shop/upstream-ca", protocol: "H2C"}},
		"nothing asks for TLS": {"annotations": {verify: "off", protocol: "HTTP"}},
		"a canary": {"annotations": {secret: "shop/upstream-ca", n("canary"): "true"}},
		"passed through": {"annotations": {secret: "shop/upstream-ca", n("ssl-passthrough"): "true"}},
		"GRPCS by hand": {"annotations": {
			secret: "shop/upstream-ca",
			protocol: "GRPCS",
			n("configuration-snippet"): "grpc_ssl_verify on;",
		}},
		"AUTO_HTTP, and plain HTTP is redirected": {
			"annotations": {secret: "shop/upstream-ca", protocol: "AUTO_HTTP"},
			"spec": {"tls": [{"hosts": ["api.shop.test"]}]},
		},
		"AUTO_HTTP, and a peer has it redirected": {
			"annotations": {secret: "shop/upstream-ca", protocol: "AUTO_HTTP"},
			"peers": [{"tls": [{"hosts": ["api.shop.test"]}]}],
		},
		"AUTO_HTTP, and plain HTTP is always redirected": {"annotations": {
			secret: "shop/upstream-ca",
			protocol: "AUTO_HTTP",
			n("ssl-redirect"): "false",
			n("force-ssl-redirect"): "true",
		}},
	}
	count(judge(case.annotations, object.get(case, "spec", {}), object.get(case, "peers", []))) == 0
}

test_controller_redirects[name] if {
	some name, case in {
		"everything": {"settings": settings("false", "true"), "tls": [], "want": 0},
		"nothing": {"settings": settings("false", "false"), "tls": [{"hosts": ["api.shop.test"]}], "want": 1},
		"hosts with a certificate": {"settings": settings("true", "false"), "tls": [{"hosts": ["api.shop.test"]}], "want": 0},
	}
	count(judge_with(case.settings, {secret: "shop/upstream-ca", protocol: "AUTO_HTTP"}, {"tls": case.tls}, [])) == case.want
}
