package policies["gateway-api"]["certificate-not-for-host_test"]

import data.policies["gateway-api"]["certificate-not-for-host"] as rule

listener(hostname) := {"name": "web", "port": 443, "protocol": "HTTPS", "hostname": hostname, "tls": {"certificateRefs": [{"name": "c"}]}}

seen := {"path": ["spec", "listeners", 0, "tls", "certificateRefs", 0], "label": "Secret shop/web-tls", "content": {"certificates": ["aa"]}}

made(names) := {
	"path": ["spec", "listeners", 0, "tls", "certificateRefs", 0],
	"label": "Secret shop/web-tls",
	"producer": {
		"group": "cert-manager.io",
		"kind": "Certificate",
		"namespace": "shop",
		"name": "web",
		"label": "Certificate shop/web",
		"object": {"spec": names},
	},
}

route(namespace, spec) := {
	"label": "HTTPRoute shop/web",
	"namespace": namespace,
	"their_path": ["spec", "parentRefs", 0],
	"object": {"spec": object.union({"parentRefs": [{"name": "edge"}]}, spec)},
}

judge(listeners, ref, peers) := {[f.effect, f.message] | some f in findings} if {
	findings := rule.findings with input as {
		"id": {"namespace": "shop"},
		"object": {"spec": {"listeners": listeners}},
		"refs": {"listener-certificate": [ref]},
		"certificates": {"aa": {"dns_names": ["*.shop.test"]}},
		"peers": peers,
	}
}

test_certificate_to_be_made[name] if {
	some name, case in {
		"another name": {
			"ref": made({"dnsNames": ["api.shop.test"]}),
			"want": {["clients of www.shop.test that compare names refuse the connection", "Certificate shop/web, which makes Secret shop/web-tls, asks for api.shop.test"]},
		},
		"the name": {"ref": made({"dnsNames": ["www.shop.test"]}), "want": set()},
		"as common name": {"ref": made({"commonName": "www.shop.test"}), "want": set()},
		"no name": {"ref": made({}), "want": set()},
		"made already": {"ref": object.union(made({"dnsNames": ["api.shop.test"]}), {"content": {"certificates": ["aa"]}}), "want": set()},
		"made for the Gateway itself": {"ref": object.union(made({}), {"producer": {"kind": "Gateway"}}), "want": set()},
	}
	judge([listener("www.shop.test")], case.ref, {}) == case.want
}

test_hosts_of_routes[name] if {
	some name, case in {
		"two labels": {
			"listeners": [listener("*.shop.test")],
			"route": route("shop", {"hostnames": ["a.b.shop.test", "www.shop.test", "www.shop.example"]}),
			"want": {["clients of a.b.shop.test that compare names refuse the connection", "no certificate of listener web is for a.b.shop.test, which HTTPRoute shop/web brings"]},
		},
		"any host": {
			"listeners": [listener("")],
			"route": route("shop", {"hostnames": ["shop.test"]}),
			"want": {["clients of shop.test that compare names refuse the connection", "no certificate of listener web is for shop.test, which HTTPRoute shop/web brings"]},
		},
		"a more specific listener": {
			"listeners": [listener("*.shop.test"), object.union(listener("*.b.shop.test"), {"name": "deep"})],
			"route": route("shop", {"hostnames": ["a.b.shop.test"]}),
			"want": set(),
		},
		"a listener for one host": {"listeners": [listener("www.shop.test")], "route": route("shop", {"hostnames": ["www.shop.test"]}), "want": set()},
		"another listener": {
			"listeners": [listener("*.shop.test")],
			"route": route("shop", {"hostnames": ["a.b.shop.test"], "parentRefs": [{"name": "edge", "sectionName": "other"}]}),
			"want": set(),
		},
		"a namespace that is not let in": {"listeners": [listener("*.shop.test")], "route": route("other", {"hostnames": ["a.b.shop.test"]}), "want": set()},
		"no hosts": {"listeners": [listener("*.shop.test")], "route": route("shop", {}), "want": set()},
		"a certificate out of sight": {
			"listeners": [object.union(listener("*.shop.test"), {"tls": {"certificateRefs": [{"name": "c"}, {"name": "d"}]}})],
			"route": route("shop", {"hostnames": ["a.b.shop.test"]}),
			"want": set(),
		},
	}
	judge(case.listeners, seen, {"route": [case.route]}) == case.want
}

test_listener_of_a_neighbour if {
	judge([listener("*.shop.test")], seen, {
		"route": [route("shop", {"hostnames": ["a.b.shop.test"]})],
		"listener-set": [{"object": {"spec": {"listeners": [listener("a.b.shop.test")]}}}],
	}) == set()
}
