package policies["ingress-nginx"]["client-options-without-ca_test"]

import data.policies["ingress-nginx"]["client-options-without-ca"] as rule

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

judge_defaulted(settings, hosts, peers, defaulted) := {[object.get(f, "severity", "error"), f.path[2], concat(", because ", [object.get(f, "effect", ""), f.message])] | some f in findings} if {
	document := {"object": ingress(settings, hosts), "refs": {}, "peers": {"host": peers}, "defaulted": defaulted}
	findings := rule.findings with input as document
}

judge(settings, hosts, peers) := judge_defaulted(settings, hosts, peers, {})

test_nobody_names_a_ca[name] if {
	some name, case in {
		"a mode and a depth": {
			"mine": {"auth-tls-verify-client": "on", "auth-tls-verify-depth": "1"},
			"severity": "error",
			"options": ["auth-tls-verify-client", "auth-tls-verify-depth"],
		},
		"a name": {"mine": {"auth-tls-match-cn": "CN=a"}, "severity": "error", "options": ["auth-tls-match-cn"]},
		"headers": {
			"mine": {"auth-tls-pass-certificate-to-upstream": "true"},
			"severity": "warning",
			"options": ["auth-tls-pass-certificate-to-upstream"],
		},
		"a depth": {"mine": {"auth-tls-verify-depth": "2"}, "severity": "warning", "options": ["auth-tls-verify-depth"]},
	}
	judge(case.mine, ["api.shop.test"], []) == {[
		case.severity,
		sprintf("nginx.ingress.kubernetes.io/%s", [case.options[0]]),
		sprintf("requests to api.shop.test reach the backend without a client certificate, because without auth-tls-secret ingress-nginx ignores %s", [concat(" and ", case.options)]),
	]}
}

test_another_differs if {
	settings := {"auth-tls-verify-client": "optional", "auth-tls-verify-depth": "1"}
	judge(settings, ["api.shop.test"], [peer({"auth-tls-secret": "shop/ca"}, "api.shop.test")]) == {[
		"warning",
		"nginx.ingress.kubernetes.io/auth-tls-verify-client",
		", because without auth-tls-secret ingress-nginx ignores auth-tls-verify-client, and that of Ingress shop/other is in force",
	]}
}

test_another_serves_one_of_the_hosts if {
	found := judge({"auth-tls-verify-client": "on"}, ["a.shop.test", "b.shop.test"], [peer({"auth-tls-secret": "shop/ca"}, "a.shop.test")])
	{finding[2] | some finding in found} == {"requests to b.shop.test reach the backend without a client certificate, because without auth-tls-secret ingress-nginx ignores auth-tls-verify-client"}
}

test_silent[name] if {
	some name, case in {
		"another asks for the same": {
			"mine": {"auth-tls-verify-client": "on", "auth-tls-verify-depth": "1"},
			"peers": [peer({"auth-tls-secret": "shop/ca"}, "api.shop.test")],
		},
		"off": {"mine": {"auth-tls-verify-client": "off", "auth-tls-verify-depth": "1"}, "peers": []},
		"blanks": {
			"mine": {"auth-tls-verify-client": "", "auth-tls-verify-depth": " ", "auth-tls-pass-certificate-to-upstream": ""},
			"peers": [],
		},
		"nothing is passed on": {"mine": {"auth-tls-pass-certificate-to-upstream": "false"}, "peers": []},
		"a CA": {"mine": {"auth-tls-secret": "shop/ca", "auth-tls-verify-client": "on"}, "peers": []},
		"a blank CA": {"mine": {"auth-tls-secret": "", "auth-tls-verify-client": "on"}, "peers": []},
		"none of it": {"mine": {"proxy-ssl-verify": "on"}, "peers": []},
	}
	judge(case.mine, ["api.shop.test"], case.peers) == set()
}

test_defaults_of_ours if {
	depth := "metadata.annotations[\"nginx.ingress.kubernetes.io/auth-tls-verify-depth\"]"
	judge_defaulted({"auth-tls-verify-depth": "1"}, ["api.shop.test"], [], {depth: "1"}) == set()
}
