package policies["ingress-nginx"]["canary-tls-ignored_test"]

import data.policies["ingress-nginx"]["canary-tls-ignored"] as rule

annotated(annotations) := {sprintf("nginx.ingress.kubernetes.io/%s", [name]): value | some name, value in annotations}

peer(annotations, tls) := {
	"key": "api.shop.test",
	"path": ["spec", "rules", 0, "host"],
	"their_path": ["spec", "rules", 0, "host"],
	"label": "Ingress shop/api",
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": "shop",
	"name": "api",
	"age": "unknown",
	"object": {"metadata": {"annotations": annotated(annotations)}, "spec": {"tls": tls}},
}

judge(annotations, tls, peers) := {sprintf("%s, because %s", [f.effect, f.message]) | some f in findings} if {
	document := {
		"object": {
			"metadata": {"annotations": annotated(object.union({"canary": "true"}, annotations))},
			"spec": {"tls": tls, "rules": [{"host": "api.shop.test"}]},
		},
		"peers": {"host": peers},
	}
	findings := rule.findings with input as document
}

test_annotations[name] if {
	some name, case in {
		"plain HTTP": {
			"mine": {"backend-protocol": "HTTPS"},
			"theirs": {},
			"want": "requests to api.shop.test go on to the canary by the protocol of the main Ingress, because this is a canary, and ingress-nginx takes backend-protocol from Ingress shop/api, which has none",
		},
		"passthrough": {
			"mine": {"ssl-passthrough": "true"},
			"theirs": {"ssl-passthrough": "false"},
			"want": "nginx ends TLS for the canary of api.shop.test, because this is a canary, and ingress-nginx takes ssl-passthrough from Ingress shop/api, which has \"false\"",
		},
		"ciphers": {
			"mine": {"ssl-ciphers": "HIGH"},
			"theirs": {},
			"want": "api.shop.test keeps the ciphers it has, because this is a canary, and ingress-nginx takes ssl-ciphers from Ingress shop/api, which has none",
		},
	}
	judge(case.mine, [], [peer(case.theirs, [])]) == {case.want}
}

test_certificate if {
	judge({}, [{"hosts": ["api.shop.test"], "secretName": "canary-tls"}], [peer({}, [{"hosts": ["api.shop.test"], "secretName": "api-tls"}])]) == {"api.shop.test is served with another certificate, because this is a canary, and ingress-nginx takes no spec.tls from it; no other Ingress of api.shop.test names Secret canary-tls"}
}

test_silent[name] if {
	some name, case in {
		"no canary": {"mine": {"canary": "false", "backend-protocol": "HTTPS"}, "tls": [{"hosts": ["api.shop.test"], "secretName": "x"}], "peers": [peer({}, [])]},
		"the same": {
			"mine": {"backend-protocol": "https", "ssl-passthrough": "1", "ssl-ciphers": "HIGH"},
			"tls": [{"hosts": ["api.shop.test"], "secretName": "api-tls"}],
			"peers": [peer(
				{"backend-protocol": "HTTPS", "ssl-passthrough": "true", "ssl-ciphers": "HIGH "},
				[{"hosts": ["api.shop.test"], "secretName": "api-tls"}],
			)],
		},
		"the defaults": {"mine": {"backend-protocol": "HTTP", "ssl-passthrough": "false", "ssl-ciphers": ""}, "tls": [{"hosts": ["api.shop.test"]}], "peers": [peer({"backend-protocol": "GRPC"}, [])]},
		"no main Ingress in sight": {"mine": {"backend-protocol": "HTTPS"}, "tls": [{"hosts": ["api.shop.test"], "secretName": "x"}], "peers": []},
		"only other canaries": {"mine": {"backend-protocol": "HTTPS"}, "tls": [], "peers": [peer({"canary": "true"}, [])]},
		"one of two has the same": {
			"mine": {"backend-protocol": "HTTPS"},
			"tls": [],
			"peers": [peer({"backend-protocol": "HTTPS"}, []), peer({}, [])],
		},
		"a host that is not shared": {"mine": {}, "tls": [{"hosts": ["www.shop.test"], "secretName": "x"}], "peers": [peer({}, [])]},
	}
	judge(case.mine, case.tls, case.peers) == set()
}
