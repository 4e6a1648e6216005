package policies["ingress-nginx"]["server-certificate-conflict_test"]

import data.policies["ingress-nginx"]["server-certificate-conflict"] as rule

ingress(secret, annotations) := {
	"metadata": {"annotations": annotations},
	"spec": {"tls": [{"hosts": ["api.shop.test"], "secretName": secret}], "rules": [{"host": "api.shop.test"}]},
}

peer(secret, namespace, age, annotations) := {
	"key": "api.shop.test",
	"path": ["spec", "rules", 0, "host"],
	"their_path": ["spec", "rules", 0, "host"],
	"label": sprintf("Ingress %s/other", [namespace]),
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": namespace,
	"name": "other",
	"age": age,
	"object": ingress(secret, annotations),
}

judge(secret, annotations, peers) := {f.message | some f in findings} if {
	document := {
		"id": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress", "namespace": "shop", "name": "api", "label": "Ingress shop/api"},
		"object": ingress(secret, annotations),
		"peers": {"host": peers},
	}
	findings := rule.findings with input as document
}

canary := {"nginx.ingress.kubernetes.io/canary": "true"}

test_found[name] if {
	some name, age in {"in files": "unknown", "the other is older": "older"}
	judge("api-tls", {}, [peer("other-tls", "shop", age, {})]) == {"this Ingress names Secret api-tls for api.shop.test, and Ingress shop/other names other-tls"}
}

test_silent[name] if {
	some name, case in {
		"the same": {"mine": "api-tls", "peers": [peer("api-tls", "shop", "older", {})], "annotations": {}},
		"the other is newer": {"mine": "api-tls", "peers": [peer("other-tls", "shop", "newer", {})], "annotations": {}},
		"another namespace": {"mine": "api-tls", "peers": [peer("other-tls", "web", "older", {})], "annotations": {}},
		"none here": {"mine": "", "peers": [peer("other-tls", "shop", "older", {})], "annotations": {}},
		"none there": {"mine": "api-tls", "peers": [peer("", "shop", "older", {})], "annotations": {}},
		"a canary": {"mine": "api-tls", "peers": [peer("other-tls", "shop", "older", {})], "annotations": canary},
		"another one's canary": {"mine": "api-tls", "peers": [peer("other-tls", "shop", "older", canary)], "annotations": {}},
	}
	judge(case.mine, case.annotations, case.peers) == set()
}
