package policies["ingress-nginx"]["annotation-unknown_test"]

import data.policies["ingress-nginx"]["annotation-unknown"] as rule

prefix := "nginx.ingress.kubernetes.io/"

judge(annotations, near) := {[f.path[2], object.get(f, "severity", "error"), f.effect, count(object.get(f, "fix", {}))] | some f in findings} if {
	document := {
		"object": {
			"metadata": {"annotations": {sprintf("%s%s", [prefix, name]): value | some name, value in annotations}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"unread": [object.union(
			{"path": ["metadata", "annotations", sprintf("%s%s", [prefix, name])], "controller": "ingress-nginx", "name": name},
			{"near": other | other := near[name]},
		) |
			some name, _ in annotations
			not name in known
		],
	}
	findings := rule.findings with input as document
}

known := {"auth-tls-secret", "backend-protocol", "proxy-ssl-secret"}

test_misspelt[name] if {
	some name, case in {
		"auth-tls-secrt": {"near": "auth-tls-secret", "want": ["error", "clients of api.shop.test are not asked for a certificate", 3]},
		"proxy-ssl-verfy": {"near": "proxy-ssl-verify", "want": ["error", "the certificates of the backends of api.shop.test are not verified", 3]},
		"ssl-redirects": {"near": "ssl-redirect", "want": ["warning", "the default of ssl-redirect holds for api.shop.test", 3]},
	}
	judge({name: "x"}, {name: case.near}) == {array.concat([sprintf("%s%s", [prefix, name])], case.want)}
}

test_misspelt_beside_the_right_one if {
	{[found[1], found[3]] | some found in judge({"auth-tls-secrt": "x", "auth-tls-secret": "y"}, {"auth-tls-secrt": "auth-tls-secret"})} == {["error", 0]}
}

test_removed[name] if {
	some name, case in {
		"secure-backends": ["error", "requests to api.shop.test go on to the backend in plain HTTP", 0],
		"grpc-backend": ["warning", "requests to api.shop.test go on to the backend in plain HTTP/1.1", 0],
		"secure-verify-ca-secret": ["error", "the certificates of the backends of api.shop.test are not verified", 0],
	}
	judge({name: "true"}, {}) == {array.concat([sprintf("%s%s", [prefix, name])], case)}
}

test_of_the_configmap if {
	judge({"ssl-protocols": "TLSv1.3"}, {}) == {[
		"nginx.ingress.kubernetes.io/ssl-protocols", "warning", "what the ConfigMap says holds for api.shop.test", 0,
	]}
}

test_silent[name] if {
	some name, case in {
		"a removed one that is off": {"annotations": {"secure-backends": "false"}, "near": {}},
		"a removed one beside its successor": {"annotations": {"secure-backends": "true", "backend-protocol": "HTTPS"}, "near": {}},
		"a removed one that is empty": {"annotations": {"secure-verify-ca-secret": ""}, "near": {}},
		"a misspelt one that is blank": {"annotations": {"auth-tls-secrt": " "}, "near": {"auth-tls-secrt": "auth-tls-secret"}},
		"a setting that is empty": {"annotations": {"ssl-protocols": ""}, "near": {}},
		"a misspelt one about something else": {"annotations": {"proxy-body-sice": "1m"}, "near": {"proxy-body-sice": "proxy-body-size"}},
		"one that nobody ever knew": {"annotations": {"enable-opentracing": "true"}, "near": {}},
	}
	judge(case.annotations, case.near) == set()
}
