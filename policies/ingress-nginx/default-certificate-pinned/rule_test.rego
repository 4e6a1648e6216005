package policies["ingress-nginx"]["default-certificate-pinned_test"]

import data.policies["ingress-nginx"]["default-certificate-pinned"] as rule

ingress(tls, annotations) := {
	"metadata": {"annotations": annotations},
	"spec": {"tls": tls, "rules": [{"host": "api.shop.test"}]},
}

peer(tls, age, annotations) := {
	"key": "api.shop.test",
	"path": ["spec", "rules", 0, "host"],
	"their_path": ["spec", "rules", 0, "host"],
	"label": "Ingress shop/other",
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": "shop",
	"name": "other",
	"age": age,
	"object": ingress(tls, annotations),
}

judge(tls, annotations, peers) := {[object.get(f, "severity", "error"), sprintf("%s, because %s", [f.effect, f.message])] | some f in findings} if {
	document := {"object": ingress(tls, annotations), "peers": {"host": peers}}
	findings := rule.findings with input as document
}

bare := [{"hosts": ["api.shop.test"]}]

named := [{"hosts": ["api.shop.test"], "secretName": "api-tls"}]

canary := {"nginx.ingress.kubernetes.io/canary": "true"}

test_this_one[name] if {
	some name, tls in {"without a Secret": bare, "not listed": [{"hosts": ["www.shop.test"], "secretName": "www-tls"}]}
	judge(tls, {}, [peer(named, "unknown", {})]) == {["warning", "clients of api.shop.test are shown the controller's default certificate if this Ingress is the older one, because spec.tls of this Ingress gives api.shop.test no certificate, while Ingress shop/other names Secret api-tls for it"]}
}

test_this_one_is_older if {
	judge(bare, {}, [peer(named, "newer", {})]) == {["error", "clients of api.shop.test are shown the controller's default certificate, because spec.tls of this Ingress gives api.shop.test no certificate, while Ingress shop/other names Secret api-tls for it"]}
}

test_the_other_is_older if {
	judge(named, {}, [peer(bare, "older", {})]) == {["error", "clients of api.shop.test are shown the controller's default certificate, because spec.tls of Ingress shop/other, which is older, gives api.shop.test no certificate"]}
}

test_silent[name] if {
	some name, case in {
		"both name one": {"tls": named, "peers": [peer(named, "older", {})], "annotations": {}},
		"neither does": {"tls": bare, "peers": [peer(bare, "older", {})], "annotations": {}},
		"no spec.tls here": {"tls": [], "peers": [peer(named, "newer", {})], "annotations": {}},
		"no spec.tls there": {"tls": named, "peers": [peer([], "older", {})], "annotations": {}},
		"the one that names it is older": {"tls": bare, "peers": [peer(named, "older", {})], "annotations": {}},
		"the one that does not is newer": {"tls": named, "peers": [peer(bare, "newer", {})], "annotations": {}},
		"it cannot be told": {"tls": named, "peers": [peer(bare, "unknown", {})], "annotations": {}},
		"a canary": {"tls": bare, "peers": [peer(named, "newer", {})], "annotations": canary},
		"another one's canary": {"tls": bare, "peers": [peer(named, "newer", canary)], "annotations": {}},
		"alone": {"tls": bare, "peers": [], "annotations": {}},
	}
	judge(case.tls, case.annotations, case.peers) == set()
}

certificates := {"api": {"dns_names": ["api.shop.test"]}, "www": {"dns_names": ["www.shop.test"]}}

# Where no entry lists the host, certificates decide, not the names beside them.
test_certificates[name] if {
	some name, case in {
		"one is for it": {"tls": [{"hosts": ["www.shop.test"], "secretName": "api"}], "shown": ["api"], "want": 0},
		"none is": {"tls": [{"hosts": ["*.shop.test"], "secretName": "www"}], "shown": ["www"], "want": 1},
		"one is out of sight": {"tls": [{"hosts": ["*.shop.test"], "secretName": "any"}], "shown": ["gone"], "want": 0},
		"nothing is known": {"tls": [{"hosts": ["*.shop.test"], "secretName": "any"}], "shown": [], "want": 0},
		"it is listed without one": {"tls": [{"hosts": ["api.shop.test"]}, {"hosts": ["www.shop.test"], "secretName": "api"}], "shown": ["api"], "want": 1},
	}
	document := {
		"object": ingress(case.tls, {}),
		"peers": {"host": [peer(named, "newer", {})]},
		"refs": {"server-certificate": [ref |
			some name in case.shown
			ref := {"content": {"certificates": [hash | hash := name; name != "gone"]}}
		]},
		"certificates": certificates,
	}
	findings := rule.findings with input as document
	count(findings) == case.want
}
