package policies.producers["secret-made-twice_test"]

import data.policies.producers["secret-made-twice"] as rule

certificate(name) := {
	"path": ["spec", "secretName"],
	"label": sprintf("Certificate shop/%s", [name]),
	"group": "cert-manager.io",
	"kind": "Certificate",
	"namespace": "shop",
	"name": name,
}

ingress(name, hosts) := {
	"path": ["spec", "tls", 0, "secretName"],
	"label": sprintf("Ingress shop/%s", [name]),
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": "shop",
	"name": name,
	"object": {"spec": {"tls": [{"secretName": "web-tls", "hosts": hosts}]}},
}

sealed := {
	"path": ["metadata", "name"],
	"label": "SealedSecret shop/web-tls",
	"group": "bitnami.com",
	"kind": "SealedSecret",
	"namespace": "shop",
	"name": "web-tls",
}

findings(own, other) := found if {
	found := rule.findings with input as {
		"id": object.filter(own, ["group", "kind", "namespace", "name", "label"]),
		"object": object.get(own, "object", {}),
		"makes": [{"path": own.path, "label": "Secret shop/web-tls", "kind": "Secret", "namespace": "shop", "name": "web-tls", "others": [other]}],
	}
}

test_two_certificates if {
	findings(certificate("web"), certificate("www")) == {{
		"path": ["spec", "secretName"],
		"message": "Certificate shop/www has Secret shop/web-tls made too",
		"effect": "only one of the two is issued; the other is neither issued nor renewed",
		"remedy": "have each make a Secret of its own, or keep one of them",
		"severity": "error",
		"related": [{
			"group": "cert-manager.io",
			"kind": "Certificate",
			"namespace": "shop",
			"name": "www",
			"path": ["spec", "secretName"],
			"message": "has it made too",
		}],
	}}
}

test_found[name] if {
	some name, pair in {
		"a Certificate of another name, here": [certificate("web"), ingress("web", ["web.shop.test"])],
		"a Certificate of another name, there": [ingress("web", ["web.shop.test"]), certificate("web")],
		"written over": [certificate("web"), sealed],
		"written over, the other way round": [sealed, ingress("web", [])],
		"written twice": [sealed, object.union(sealed, {"kind": "ExternalSecret"})],
		"other hosts": [ingress("web", ["web.shop.test"]), ingress("www", ["www.shop.test"])],
	}
	count(findings(pair[0], pair[1])) == 1
}

test_silent[name] if {
	some name, pair in {
		"the Certificate that would be made, here": [certificate("web-tls"), ingress("web", ["web.shop.test"])],
		"the Certificate that would be made, there": [ingress("web", ["web.shop.test"]), certificate("web-tls")],
		"the same hosts": [ingress("web", ["web.shop.test"]), ingress("www", ["web.shop.test"])],
		"hosts below a wildcard": [ingress("web", ["web.shop.test"]), ingress("www", ["*.shop.test"])],
		"a generator, which makes another name": [sealed, object.union(sealed, {"kind": "Kustomization"})],
	}
	count(findings(pair[0], pair[1])) == 0
}

test_unset_namespace if {
	{f.severity | some f in findings(certificate("web"), object.union(certificate("www"), {"namespace": ""}))} == {"warning"}
}

test_listeners if {
	gateway := object.union(ingress("edge", []), {"kind": "Gateway", "object": {"spec": {"listeners": [{
		"hostname": "edge.shop.test",
		"tls": {"certificateRefs": [{"name": "web-tls"}]},
	}]}}})
	{f.message | some f in findings(gateway, ingress("web", ["web.shop.test"]))} == {"Ingress shop/web has Secret shop/web-tls made too, and not for edge.shop.test"}
}
