package policies["ingress-nginx"]["client-ca-wildcard-gap_test"]

import data.policies["ingress-nginx"]["client-ca-wildcard-gap"] as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

judge(own, peers, changed) := findings if {
	document := {
		"id": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress", "namespace": "shop", "name": "wildcard", "label": "Ingress shop/wildcard"},
		"object": {"spec": {"rules": [{"host": host, "http": {"paths": [path_to("guarded")]}} | some host in own]}},
		"refs": {"client-ca": [object.union({"path": path, "in_force": true, "presence": "present"}, changed)]},
		"peers": {"covered": peers},
	}
	findings := rule.findings with input as document
}

path_to(service) := {"path": "/", "backend": {"service": {"name": service}}}

peer(name, settings, hosts) := {
	"key": "*.shop.test",
	"their_path": ["spec", "rules", 0, "host"],
	"label": sprintf("Ingress shop/%s", [name]),
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": "shop",
	"name": name,
	"object": {
		"metadata": {"annotations": {annotation: value |
			some setting, value in settings
			annotation := sprintf("nginx.ingress.kubernetes.io/%s", [setting])
		}},
		"spec": {"rules": [{"host": host, "http": {"paths": [path_to(name)]}} | some host in hosts]},
	},
}

test_finding if {
	judge(["*.shop.test"], [peer("api", {}, ["api.shop.test", "api.bank.test"])], {}) == {{
		"path": path,
		"message": "Ingress shop/api serves a host under it without auth-tls-*, and an exact host takes nothing from its wildcard",
		"effect": "requests to api.shop.test reach the backend without a client certificate",
		"remedy": "write the same auth-tls-* on the Ingress of the exact host, with auth-tls-verify-client \"off\" if it is to be open",
		"severity": "info",
		"related": [{
			"group": "networking.k8s.io",
			"kind": "Ingress",
			"namespace": "shop",
			"name": "api",
			"path": ["spec", "rules", 0, "host"],
			"message": "has no auth-tls-*",
		}],
	}}
}

test_two if {
	found := judge(["*.shop.test"], [peer("api", {}, ["api.shop.test"]), json.remove(peer("web", {}, ["web.shop.test"]), ["/object/metadata/annotations"])], {})
	{[f.effect, f.message] | some f in found} == {[
		"requests to api.shop.test and web.shop.test reach the backend without a client certificate",
		"Ingress shop/api and Ingress shop/web serve hosts under it without auth-tls-*, and an exact host takes nothing from its wildcard",
	]}
}

test_same_service if {
	peers := [peer("guarded", {}, ["api.shop.test"]), peer("web", {}, ["web.shop.test"])]
	found := judge(["*.shop.test"], peers, {})
	{[f.severity, f.effect, f.message] | some f in found} == {
		[
			"warning",
			"requests to api.shop.test reach the backend without a client certificate",
			"Ingress shop/guarded serves a host under it with the same Service and without auth-tls-*, and an exact host takes nothing from its wildcard",
		],
		[
			"info",
			"requests to web.shop.test reach the backend without a client certificate",
			"Ingress shop/web serves a host under it without auth-tls-*, and an exact host takes nothing from its wildcard",
		],
	}
}

test_same_name_elsewhere if {
	found := judge(["*.shop.test"], [object.union(peer("guarded", {}, ["api.shop.test"]), {"namespace": "web"})], {})
	{f.severity | some f in found} == {"info"}
}

challenge := json.patch(peer("solver", {}, ["api.shop.test"]), [{
	"op": "replace",
	"path": "/object/spec/rules/0/http/paths/0/path",
	"value": "/.well-known/acme-challenge/x",
}])

test_silent[name] if {
	some name, case in {
		"a policy": {"own": [], "peers": [peer("api", {"auth-tls-secret": "shop/ca"}, ["api.shop.test"])], "ref": {}},
		"a policy from another Ingress": {
			"own": [],
			"peers": [peer("api", {}, ["api.shop.test"]), peer("web", {"auth-tls-secret": "shop/ca"}, ["api.shop.test"])],
			"ref": {},
		},
		"a policy from this one": {
			"own": ["*.shop.test", "api.shop.test"],
			"peers": [peer("api", {}, ["api.shop.test"])], "ref": {},
		},
		"a canary": {"own": [], "peers": [peer("api", {"canary": "true"}, ["api.shop.test"])], "ref": {}},
		"passthrough": {"own": [], "peers": [peer("api", {"ssl-passthrough": "true"}, ["api.shop.test"])], "ref": {}},
		"a challenge of ACME": {"own": [], "peers": [challenge], "ref": {}},
		"none": {"own": [], "peers": [], "ref": {}},
		"off": {"own": [], "peers": [peer("api", {}, ["api.shop.test"])], "ref": {"in_force": false}},
		"closed": {"own": [], "peers": [peer("api", {}, ["api.shop.test"])], "ref": {"presence": "absent"}},
	}
	judge(case.own, case.peers, case.ref) == set()
}
