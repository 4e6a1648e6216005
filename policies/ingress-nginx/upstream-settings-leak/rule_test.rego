package policies["ingress-nginx"]["upstream-settings-leak_test"]

import data.policies["ingress-nginx"]["upstream-settings-leak"] as rule

n(name) := concat("", ["nginx.ingress.kubernetes.io/", name])

secret := n("proxy-ssl-secret")

verify := n("proxy-ssl-verify")

protocol := n("backend-protocol")

https := {protocol: "HTTPS"}

verified := {protocol: "HTTPS", secret: "shop/upstream-ca", verify: "on"}

ref := {
	"path": ["metadata", "annotations", secret],
	"label": "Secret shop/upstream-ca",
	"presence": "present",
	"key_presence": "present",
	"keys": ["ca.crt"],
}

peer(namespace, annotations) := {
	"key": "api.shop.test",
	"their_path": ["spec", "rules", 0, "host"],
	"label": sprintf("Ingress %s/other", [namespace]),
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": namespace,
	"name": "other",
	"age": "unknown",
	"object": {"metadata": {"annotations": annotations}},
}

refs(annotations, known) := {"upstream-ca": [object.union(ref, known)]} if annotations[secret]

refs(annotations, _) := {} if not annotations[secret]

judge(annotations, known, peers) := findings if {
	document := {
		"id": {"kind": "Ingress", "namespace": "shop", "name": "api"},
		"object": {"metadata": {"annotations": annotations}},
		"refs": refs(annotations, known),
		"peers": {"host": peers},
	}
	findings := rule.findings with input as document
}

test_found[name] if {
	some name, case in {
		"to another Ingress": {
			"annotations": verified,
			"peers": [peer("shop", https)],
			"want": [secret, "warning", "requests to api.shop.test through other Ingresses get 502 from backends that Secret shop/upstream-ca does not verify, because ingress-nginx sets proxy-ssl-* for the whole host, and Ingress shop/other sets none"],
		},
		"to another namespace, with a client certificate": {
			"annotations": verified,
			"ref": {"keys": ["ca.crt", "tls.crt", "tls.key"]},
			"peers": [peer("pay", https), peer("shop", https)],
			"want": [secret, "error", "requests to api.shop.test through other Ingresses get 502 from backends that Secret shop/upstream-ca does not verify, and show them its client certificate, because ingress-nginx sets proxy-ssl-* for the whole host, and Ingress pay/other and Ingress shop/other set none"],
		},
		"the client certificate alone": {
			"annotations": object.union(verified, {verify: "off"}),
			"ref": {"keys": ["ca.crt", "tls.crt", "tls.key"]},
			"peers": [peer("", object.union(https, {secret: ""}))],
			"want": [secret, "warning", "requests to api.shop.test through other Ingresses show backends the client certificate of Secret shop/upstream-ca, because ingress-nginx sets proxy-ssl-* for the whole host, and Ingress /other sets none"],
		},
		"to another Ingress of the catch-all server": {
			"annotations": verified,
			"peers": [object.union(peer("shop", https), {"key": ""})],
			"want": [secret, "warning", "requests to the catch-all server through other Ingresses get 502 from backends that Secret shop/upstream-ca does not verify, because ingress-nginx sets proxy-ssl-* for the whole host, and Ingress shop/other sets none"],
		},
		"from another Ingress": {
			"annotations": https,
			"peers": [peer("pay", verified), peer("shop", {})],
			"want": [protocol, "error", "requests to api.shop.test get 502 unless the backends of this Ingress suit the CA and the name of the other, because ingress-nginx sets proxy-ssl-* of Ingress pay/other for the whole host, and this Ingress sets none"],
		},
	}
	findings := judge(case.annotations, object.get(case, "ref", {}), case.peers)
	{[f.path[2], f.severity, sprintf("%s, because %s", [f.effect, f.message])] | some f in findings} == {case.want}
}

test_related if {
	{f.related | some f in judge(verified, {}, [peer("pay", https)])} == {[{
		"group": "networking.k8s.io",
		"kind": "Ingress",
		"namespace": "pay",
		"name": "other",
		"path": ["spec", "rules", 0, "host"],
		"message": "takes these settings over",
	}]}
}

test_silent[name] if {
	some name, case in {
		"alone": {"annotations": verified, "peers": []},
		"the other one has settings of its own": {"annotations": verified, "peers": [peer("pay", verified)]},
		"the other one speaks no TLS": {"annotations": verified, "peers": [peer("pay", {})]},
		"the other one is a canary": {
			"annotations": verified,
			"peers": [peer("shop", object.union(https, {n("canary"): "true"}))],
		},
		"the other one writes its own by hand": {
			"annotations": verified,
			"peers": [peer("pay", object.union(https, {n("configuration-snippet"): "proxy_ssl_verify off;"}))],
		},
		"an older Ingress of the host sets them": {
			"annotations": verified,
			"peers": [object.union(peer("shop", verified), {"age": "older"}), peer("shop", https)],
		},
		"nothing is verified, and nothing shown": {
			"annotations": object.union(verified, {verify: "off"}),
			"peers": [peer("pay", https)],
		},
		"nothing is verified by the other": {
			"annotations": https,
			"peers": [peer("pay", object.union(verified, {verify: "off"}))],
		},
		"the Secret is missing": {
			"annotations": verified,
			"ref": {"presence": "absent"},
			"peers": [peer("pay", https)],
		},
		"the Secret holds no CA": {
			"annotations": verified,
			"ref": {"key_presence": "absent"},
			"peers": [peer("pay", https)],
		},
	}
	count(judge(case.annotations, object.get(case, "ref", {}), case.peers)) == 0
}
