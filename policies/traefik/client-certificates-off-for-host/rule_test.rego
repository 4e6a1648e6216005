package policies.traefik["client-certificates-off-for-host_test"]

import data.policies.traefik["client-certificates-off-for-host"] as rule

annotated(annotations) := {sprintf("nginx.ingress.kubernetes.io/%s", [name]): value | some name, value in annotations}

peer(annotations, labels, host) := {
	"key": host,
	"path": ["spec", "rules", 0, "host"],
	"their_path": ["spec", "rules", 1, "host"],
	"label": "Ingress shop/other",
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": "shop",
	"name": "other",
	"age": "unknown",
	"object": {"metadata": {"annotations": annotated(annotations), "labels": labels}},
}

findings(annotations, peers) := found if {
	document := {"object": {"metadata": {"annotations": annotated(annotations)}}, "peers": {"host": peers}}
	found := rule.findings with input as document
}

judge(annotations, peers) := {[f.path[count(f.path) - 1], object.get(f, "severity", "error"), sprintf("%s, because %s", [f.effect, f.message])] | some f in findings(annotations, peers)}

asks := {"auth-tls-secret": "shop/ca"}

test_another_does_not if {
	judge(asks, [peer({}, {}, "api.shop.test")]) == {[
		"nginx.ingress.kubernetes.io/auth-tls-secret", "error",
		"Traefik asks no client of api.shop.test for a certificate, because Ingress shop/other and this Ingress differ in auth-tls-*",
	]}
}

test_another_does if {
	judge({}, [peer(asks, {}, "api.shop.test")]) == {[
		"host", "error",
		"Traefik asks no client of api.shop.test for a certificate, because Ingress shop/other asks clients of this host for a certificate, and this Ingress does not",
	]}
}

test_both_alike if {
	judge(asks, [peer(object.union(asks, {"auth-tls-verify-client": "on"}), {}, "api.shop.test")]) == {[
		"nginx.ingress.kubernetes.io/auth-tls-secret", "warning",
		"Traefik asks no client of api.shop.test for a certificate, because Ingress shop/other sets the same, and Traefik up to v3.7.9 takes the two for a conflict",
	]}
}

test_related if {
	{f.related | some f in findings(asks, [peer({}, {}, "api.shop.test")])} == {[{
		"group": "networking.k8s.io", "kind": "Ingress", "namespace": "shop", "name": "other",
		"path": ["spec", "rules", 1, "host"], "message": "has the host too",
	}]}
}

test_silent[name] if {
	some name, case in {
		"alone": {"mine": asks, "peers": []},
		"nobody asks": {"mine": {}, "peers": [peer({}, {}, "api.shop.test")]},
		"asked of nobody": {"mine": {"auth-tls-secret": "shop/ca", "auth-tls-verify-client": "off"}, "peers": [peer({}, {}, "api.shop.test")]},
		"a canary": {"mine": asks, "peers": [peer({"canary": "true"}, {}, "api.shop.test")]},
		"passthrough": {"mine": asks, "peers": [peer({"ssl-passthrough": "True"}, {}, "api.shop.test")]},
		"a solver": {"mine": asks, "peers": [peer({}, {"acme.cert-manager.io/http01-solver": "true"}, "api.shop.test")]},
		"no host": {"mine": asks, "peers": [peer({}, {}, "")]},
		"a canary of its own": {"mine": {"canary": "true"}, "peers": [peer(asks, {}, "api.shop.test")]},
	}
	judge(case.mine, case.peers) == set()
}
