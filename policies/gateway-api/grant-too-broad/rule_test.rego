package policies["gateway-api"]["grant-too-broad_test"]

import data.policies["gateway-api"]["grant-too-broad"] as rule

grant(from, to) := {"spec": {"from": [{"kind": "Gateway", "namespace": from}], "to": [to]}}

test_verdict[name] if {
	some name, case in {
		"no name": {
			"object": grant("shop", {"kind": "Secret"}),
			"want": {["whoever writes a Gateway of namespace shop may use any of them", "name the Secrets that are meant"]},
		},
		"a name": {"object": grant("shop", {"kind": "Secret", "name": "web-tls"}), "want": set()},
		"another kind": {"object": grant("shop", {"kind": "ConfigMap"}), "want": set()},
		"its own namespace": {"object": grant("certs", {"kind": "Secret"}), "want": set()},
	}
	findings := rule.findings with input as {"id": {"namespace": "certs"}, "object": case.object}
	{[f.effect, f.remedy] | some f in findings} == case.want
}

test_says_what_is_used if {
	findings := rule.findings with input as {
		"id": {"namespace": "certs"},
		"object": grant("shop", {"kind": "Secret"}),
		"peers": {"referrer": [{"object": {"spec": {"listeners": [{"tls": {"certificateRefs": [
			{"name": "web-tls", "namespace": "certs"},
			{"name": "own-tls"},
			{"name": "ca", "namespace": "certs", "kind": "ConfigMap"},
		]}}]}}}]},
	}
	{f.remedy | some f in findings} == {"name the Secrets that are meant: web-tls"}
}
