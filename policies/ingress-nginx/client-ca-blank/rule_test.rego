package policies["ingress-nginx"]["client-ca-blank_test"]

import data.policies["ingress-nginx"]["client-ca-blank"] as rule

ingress(settings, hosts) := {
	"metadata": {"annotations": {annotation: value |
		some setting, value in settings
		annotation := sprintf("nginx.ingress.kubernetes.io/%s", [setting])
	}},
	"spec": {"rules": [{"host": host, "http": {"paths": [{"path": "/"}]}} | some host in hosts]},
}

peer(settings, host) := {
	"key": host,
	"label": "Ingress shop/other",
	"group": "networking.k8s.io",
	"kind": "Ingress",
	"namespace": "shop",
	"name": "other",
	"object": ingress(settings, [host]),
	"age": "unknown",
}

judge(settings, hosts, peers) := {[object.get(f, "severity", "error"), f.path[2], f.effect, f.message] | some f in findings} if {
	document := {"object": ingress(settings, hosts), "refs": {}, "peers": {"host": peers}}
	findings := rule.findings with input as document
}

secret := "nginx.ingress.kubernetes.io/auth-tls-secret"

test_options[name] if {
	some name, case in {
		"a mode": {
			"mine": {"auth-tls-secret": "", "auth-tls-verify-client": "on"},
			"severity": "error",
			"options": "auth-tls-verify-client",
		},
		"spaces": {
			"mine": {"auth-tls-secret": "  ", "auth-tls-match-cn": "CN=a"},
			"severity": "error",
			"options": "auth-tls-match-cn",
		},
		"headers only": {
			"mine": {"auth-tls-secret": "", "auth-tls-pass-certificate-to-upstream": "1"},
			"severity": "warning",
			"options": "auth-tls-pass-certificate-to-upstream",
		},
		"an error page and blanks": {
			"mine": {"auth-tls-secret": "", "auth-tls-error-page": "https://a.test", "auth-tls-verify-client": ""},
			"severity": "warning",
			"options": "auth-tls-error-page",
		},
	}
	judge(case.mine, ["api.shop.test"], []) == {[
		case.severity,
		secret,
		"requests to api.shop.test reach the backend without a client certificate",
		sprintf("auth-tls-secret is blank, and ingress-nginx then ignores %s", [case.options]),
	]}
}

test_catch_all if {
	settings := {"auth-tls-secret": "", "auth-tls-verify-client": "on"}
	{finding[2] | some finding in judge(settings, [], [])} == {"requests to the catch-all server reach the backend without a client certificate"}
}

test_alone[name] if {
	some name, settings in {
		"nothing beside it": {"auth-tls-secret": ""},
		"a depth beside it": {"auth-tls-secret": " ", "auth-tls-verify-depth": "1"},
	}
	judge(settings, ["api.shop.test"], []) == {[
		"info",
		secret,
		"clients of api.shop.test are not asked for a certificate",
		"auth-tls-secret is blank, which ingress-nginx takes for none",
	]}
}

test_one_host_of_two if {
	settings := {"auth-tls-secret": "", "auth-tls-verify-client": "on"}
	others := [peer({"auth-tls-secret": "shop/ca"}, "a.shop.test"), peer({"auth-tls-secret": " "}, "b.shop.test")]
	{finding[2] | some finding in judge(settings, ["a.shop.test", "b.shop.test"], others)} == {"requests to b.shop.test reach the backend without a client certificate"}
}

test_silent[name] if {
	some name, case in {
		"all of it left blank": {"mine": {"auth-tls-secret": "", "auth-tls-verify-client": ""}, "peers": []},
		"switched off": {
			"mine": {"auth-tls-secret": "", "auth-tls-verify-client": "off", "auth-tls-pass-certificate-to-upstream": "true"},
			"peers": [],
		},
		"protected by another": {
			"mine": {"auth-tls-secret": "", "auth-tls-verify-client": "on"},
			"peers": [peer({"auth-tls-secret": "shop/ca"}, "api.shop.test")],
		},
		"alone, protected by another": {
			"mine": {"auth-tls-secret": ""},
			"peers": [peer({"auth-tls-secret": "shop/ca"}, "api.shop.test")],
		},
		"a CA": {"mine": {"auth-tls-secret": "shop/ca", "auth-tls-verify-client": "on"}, "peers": []},
		"a line break, which is refused": {"mine": {"auth-tls-secret": "\n", "auth-tls-verify-client": "on"}, "peers": []},
		"no text": {"mine": {"auth-tls-secret": false, "auth-tls-verify-client": "on"}, "peers": []},
		"none": {"mine": {"auth-tls-verify-client": "on"}, "peers": []},
	}
	judge(case.mine, ["api.shop.test"], case.peers) == set()
}
