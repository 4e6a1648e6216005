package policies["ingress-nginx"]["passthrough-defeats-mtls_test"]

import data.policies["ingress-nginx"]["passthrough-defeats-mtls"] as rule

secret := "nginx.ingress.kubernetes.io/auth-tls-secret"

passthrough := "nginx.ingress.kubernetes.io/ssl-passthrough"

canary := "nginx.ingress.kubernetes.io/canary"

mode := "nginx.ingress.kubernetes.io/auth-tls-verify-client"

ingress(annotations, hosts) := {
	"metadata": {"annotations": annotations},
	"spec": {"rules": [{"host": host, "http": {"paths": [{"path": "/"}]}} | some host in hosts]},
}

peer(annotations, host) := {
	"key": host,
	"path": ["spec", "rules", 0, "host"],
	"label": "Ingress shop/other",
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": "shop",
	"name": "other",
	"object": ingress(annotations, [host]),
}

refs(annotations) := {"client-ca": [{
	"path": ["metadata", "annotations", secret],
	"in_force": object.get(annotations, mode, "on") != "off",
}]} if {
	annotations[secret]
}

refs(annotations) := {} if not annotations[secret]

judge(annotations, hosts, peers) := {[f.path[2], sprintf("%s, because %s", [f.effect, f.message])] | some f in findings} if {
	document := {"object": ingress(annotations, hosts), "refs": refs(annotations), "peers": {"host": peers}}
	findings := rule.findings with input as document
}

test_both_on_one[name] if {
	some name, case in {
		"true": {"value": "true", "want": 1},
		"Go's 1": {"value": "1", "want": 1},
		"yes is no boolean": {"value": "yes", "want": 0},
		"false": {"value": "false", "want": 0},
	}
	count(judge({secret: "shop/ca", passthrough: case.value}, ["db.shop.test"], [])) == case.want
}

test_both_on_one_says if {
	judge({secret: "shop/ca", passthrough: "true"}, ["db.shop.test", "*.shop.test"], []) == {[
		passthrough,
		"nginx asks no client of db.shop.test for a certificate on port 443, because ssl-passthrough hands TLS to the backend, past the client certificate check that this Ingress asks for",
	]}
}

test_passes_through_what_another_protects if {
	judge({passthrough: "true"}, ["b.shop.test", "a.shop.test"], [
		peer({secret: "shop/ca"}, "b.shop.test"),
		peer({secret: "shop/ca"}, "a.shop.test"),
	]) == {[
		passthrough,
		"nginx asks no client of a.shop.test and b.shop.test for a certificate on port 443, because ssl-passthrough hands TLS to the backend, past the client certificate check that Ingress shop/other asks for",
	]}
}

test_protects_what_another_passes_through if {
	judge({secret: "shop/ca"}, ["db.shop.test"], [peer({passthrough: "true"}, "db.shop.test")]) == {[
		secret,
		"nginx asks no client of db.shop.test for a certificate on port 443, because Ingress shop/other hands TLS of that host to its backend (ssl-passthrough)",
	]}
}

at(path) := object.union(ingress({secret: "shop/ca", passthrough: "true"}, []), {"spec": {"rules": [{
	"host": "db.shop.test",
	"http": {"paths": [path]},
}]}})

test_path[name] if {
	some name, case in {
		"the root": {"path": {"path": "/"}, "peers": [], "want": 1},
		"none, which is the root": {"path": {}, "peers": [], "want": 1},
		"an empty one, which is too": {"path": {"path": ""}, "peers": [], "want": 1},
		"another": {"path": {"path": "/api"}, "peers": [], "want": 0},
		"another, and another Ingress has the root": {"path": {"path": "/api"}, "peers": [peer({}, "db.shop.test")], "want": 1},
		"another, and the root is of another host": {"path": {"path": "/api"}, "peers": [peer({}, "www.shop.test")], "want": 0},
	}
	document := {"object": at(case.path), "refs": refs({secret: "shop/ca"}), "peers": {"host": case.peers}}
	findings := rule.findings with input as document
	count(findings) == case.want
}

test_related if {
	document := {
		"object": ingress({secret: "shop/ca"}, ["db.shop.test"]),
		"refs": refs({secret: "shop/ca"}),
		"peers": {"host": [peer({passthrough: "true"}, "db.shop.test")]},
	}
	findings := rule.findings with input as document
	{f.related | some f in findings} == {[{
		"group": "networking.k8s.io",
		"kind": "Ingress",
		"namespace": "shop",
		"name": "other",
		"path": ["metadata", "annotations", passthrough],
		"message": "passes TLS through",
	}]}
}

test_silent[name] if {
	some name, case in {
		"only passthrough": {"mine": {passthrough: "true"}, "hosts": ["db.shop.test"], "peers": []},
		"only client certificates": {"mine": {secret: "shop/ca"}, "hosts": ["db.shop.test"], "peers": []},
		"both, on a wildcard host": {"mine": {secret: "shop/ca", passthrough: "true"}, "hosts": ["*.shop.test"], "peers": []},
		"both, without a host": {"mine": {secret: "shop/ca", passthrough: "true"}, "hosts": [""], "peers": []},
		"a canary of its own": {
			"mine": {secret: "shop/ca", passthrough: "true", canary: "true"},
			"hosts": ["db.shop.test"],
			"peers": [],
		},
		"another one's canary": {
			"mine": {secret: "shop/ca"},
			"hosts": ["db.shop.test"],
			"peers": [peer({passthrough: "true", canary: "true"}, "db.shop.test")],
		},
		"a wildcard that another protects": {
			"mine": {passthrough: "true"},
			"hosts": ["*.shop.test"],
			"peers": [peer({secret: "shop/ca"}, "*.shop.test")],
		},
		"a wildcard that another passes through": {
			"mine": {secret: "shop/ca"},
			"hosts": ["*.shop.test"],
			"peers": [peer({passthrough: "true"}, "*.shop.test")],
		},
		"nobody is asked for a certificate": {
			"mine": {secret: "shop/ca", mode: "off", passthrough: "true"},
			"hosts": ["db.shop.test"],
			"peers": [],
		},
		"nobody is asked for one by another": {
			"mine": {passthrough: "true"},
			"hosts": ["db.shop.test"],
			"peers": [peer({secret: "shop/ca", mode: "off"}, "db.shop.test")],
		},
		"nobody is asked for one here": {
			"mine": {secret: "shop/ca", mode: "off"},
			"hosts": ["db.shop.test"],
			"peers": [peer({passthrough: "true"}, "db.shop.test")],
		},
		"nobody protects": {
			"mine": {passthrough: "true"},
			"hosts": ["db.shop.test"],
			"peers": [peer({secret: ""}, "db.shop.test"), peer({}, "db.shop.test")],
		},
	}
	judge(case.mine, case.hosts, case.peers) == set()
}
