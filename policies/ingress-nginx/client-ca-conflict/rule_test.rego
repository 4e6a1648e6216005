package policies["ingress-nginx"]["client-ca-conflict_test"]

import data.policies["ingress-nginx"]["client-ca-conflict"] as rule

prefix := "nginx.ingress.kubernetes.io"

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

annotated(settings) := {"metadata": {"annotations": {annotation: value |
	some setting, value in settings
	annotation := sprintf("%s/%s", [prefix, setting])
}}}

peer(host, index, settings) := {
	"key": host,
	"path": ["spec", "rules", index, "host"],
	"their_path": ["spec", "rules", 0, "host"],
	"label": "Ingress shop/other",
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": "shop",
	"name": "other",
	"object": annotated(settings),
	"age": "unknown",
}

input_with(settings, peers) := {
	"id": {"namespace": "shop"},
	"object": annotated(settings),
	"refs": {"client-ca": [{"path": path}]},
	"peers": {"host": peers},
}

test_another_secret if {
	document := input_with({"auth-tls-secret": "shop/a"}, [peer("api.shop.test", 0, {"auth-tls-secret": "shop/b"})])
	findings := rule.findings with input as document
	findings == {{
		"path": path,
		"message": "Ingress shop/other differs in auth-tls-secret",
		"effect": "only the oldest of the client certificate policies for api.shop.test is in force",
		"remedy": "use the same auth-tls-* on every Ingress of the host, or separate hosts",
		"related": [{
			"group": "networking.k8s.io",
			"kind": "Ingress",
			"namespace": "shop",
			"name": "other",
			"path": path,
			"message": "the other policy",
		}],
	}}
}

cases := {
	"two others are one finding": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [
			peer("api.shop.test", 0, {"auth-tls-secret": "shop/b"}),
			object.union(peer("api.shop.test", 0, {"auth-tls-secret": "shop/c"}), {"label": "Ingress shop/third", "name": "third"}),
		],
		"want": {"only the oldest of the client certificate policies for api.shop.test is in force, because Ingress shop/other and Ingress shop/third differ in auth-tls-secret"},
	},
	"two hosts shared are one finding": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [
			peer("b.shop.test", 0, {"auth-tls-secret": "shop/b"}),
			peer("a.shop.test", 1, {"auth-tls-secret": "shop/b"}),
		],
		"want": {"only the oldest of the client certificate policies for a.shop.test and b.shop.test is in force, because Ingress shop/other differs in auth-tls-secret"},
	},
	"a setting against its default": {
		"mine": {"auth-tls-secret": "shop/a", "auth-tls-verify-depth": "3", "auth-tls-verify-client": "optional"},
		"peers": [peer("api.shop.test", 0, {"auth-tls-secret": "shop/a"})],
		"want": {"only the oldest of the client certificate policies for api.shop.test is in force, because Ingress shop/other differs in auth-tls-verify-client and auth-tls-verify-depth"},
	},
	"the other is older": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [object.union(peer("api.shop.test", 0, {"auth-tls-secret": "shop/b"}), {"age": "older"})],
		"want": {"only the oldest of the client certificate policies for api.shop.test is in force, because Ingress shop/other differs in auth-tls-secret"},
	},
	"the other is newer, and loses": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [object.union(peer("api.shop.test", 0, {"auth-tls-secret": "shop/b"}), {"age": "newer"})],
		"want": set(),
	},
	"another namespace": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [object.union(peer("api.shop.test", 0, {"auth-tls-secret": "docs/b"}), {"namespace": "docs", "label": "Ingress docs/other"})],
		"want": {"only the oldest of the client certificate policies for api.shop.test is in force, for all namespaces, because Ingress docs/other differs in auth-tls-secret"},
	},
	"a namespace that is not told": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [object.union(peer("api.shop.test", 0, {"auth-tls-secret": "docs/a"}), {"namespace": ""})],
		"want": {"only the oldest of the client certificate policies for api.shop.test is in force, because Ingress shop/other differs in auth-tls-secret"},
	},
	"a canary of one CA": {
		"mine": {"auth-tls-secret": "shop/a", "auth-tls-verify-depth": "2"},
		"peers": [peer("api.shop.test", 0, {"auth-tls-secret": "shop/a", "canary": "true"})],
		"want": set(),
	},
	"for a canary of one CA": {
		"mine": {"auth-tls-secret": "shop/a", "canary": "true"},
		"peers": [peer("api.shop.test", 0, {"auth-tls-secret": "shop/a", "auth-tls-verify-depth": "2"})],
		"want": set(),
	},
	"a canary of another CA": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [peer("api.shop.test", 0, {"auth-tls-secret": "shop/b", "canary": "true"})],
		"want": {"only the oldest of the client certificate policies for api.shop.test is in force, because Ingress shop/other differs in auth-tls-secret"},
	},
	"equal": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [peer("api.shop.test", 0, {"auth-tls-secret": "shop/a", "auth-tls-verify-client": "on"})],
		"want": set(),
	},
	"one depth, written otherwise": {
		"mine": {"auth-tls-secret": "shop/a", "auth-tls-verify-depth": "+2"},
		"peers": [peer("api.shop.test", 0, {"auth-tls-secret": "shop/a", "auth-tls-verify-depth": "02"})],
		"want": set(),
	},
	"the other has no policy": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [peer("api.shop.test", 0, {"auth-tls-verify-client": "on"})],
		"want": set(),
	},
	"the other has an empty one": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [peer("api.shop.test", 0, {"auth-tls-secret": ""})],
		"want": set(),
	},
	"the other has no annotations": {
		"mine": {"auth-tls-secret": "shop/a"},
		"peers": [object.union(peer("api.shop.test", 0, {}), {"object": {}})],
		"want": set(),
	},
	"nobody shares the host": {"mine": {"auth-tls-secret": "shop/a"}, "peers": [], "want": set()},
}

test_findings[name] if {
	some name, case in cases
	findings := rule.findings with input as input_with(case.mine, case.peers)
	{sprintf("%s, because %s", [f.effect, f.message]) | some f in findings} == case.want
}

test_without_a_policy_of_its_own if {
	document := {
		"object": {"metadata": {"name": "web"}},
		"refs": {},
		"peers": {"host": [peer("api.shop.test", 0, {"auth-tls-secret": "shop/b"})]},
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
