package policies["ingress-nginx"]["upstream-not-verified_test"]

import data.policies["ingress-nginx"]["upstream-not-verified"] as rule

n(name) := concat("", ["nginx.ingress.kubernetes.io/", name])

verify := n("proxy-ssl-verify")

secret := n("proxy-ssl-secret")

ref := {"path": ["metadata", "annotations", secret], "presence": "present", "key_presence": "present"}

judge(annotations, known) := findings if {
	document := {
		"object": {
			"metadata": {"annotations": object.union({secret: "shop/upstream-ca", n("backend-protocol"): "HTTPS"}, annotations)},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refs": {"upstream-ca": [object.union(ref, known)]},
	}
	findings := rule.findings with input as document
}

test_found[name] if {
	some name, case in {
		"true": {
			"annotations": {verify: "true"},
			"want": [verify, "error", "the backends of api.shop.test are not verified, because proxy-ssl-verify is \"true\", and ingress-nginx takes whatever is not \"on\" for off"],
		},
		"off": {
			"annotations": {verify: "off"},
			"want": [verify, "info", "the backends of api.shop.test may show any certificate, because proxy-ssl-verify is off"],
		},
		"false": {
			"annotations": {verify: "false"},
			"want": [verify, "info", "the backends of api.shop.test may show any certificate, because proxy-ssl-verify is off"],
		},
		"none": {
			"annotations": {},
			"want": [secret, "warning", "the backends of api.shop.test may show any certificate, because proxy-ssl-verify is not set, and off by default"],
		},
		"an empty one": {
			"annotations": {verify: "", n("backend-protocol"): "auto_http"},
			"want": [secret, "warning", "the backends of api.shop.test may show any certificate, because proxy-ssl-verify is not set, and off by default"],
		},
	}
	findings := judge(case.annotations, {})
	{[f.path[2], object.get(f, "severity", "error"), sprintf("%s, because %s", [f.effect, f.message])] | some f in findings} == {case.want}
}

test_fix[name] if {
	some name, case in {
		"a name is there": {"annotations": {verify: "On", n("proxy-ssl-name"): "api.shop.svc"}, "want": {"on"}},
		"without a name every request would get 502": {"annotations": {verify: "true"}, "want": set()},
		"who knows what was meant": {"annotations": {verify: "optional", n("proxy-ssl-name"): "api.shop.svc"}, "want": set()},
	}
	{f.fix.edits[0].value | some f in judge(case.annotations, {})} == case.want
}

test_remedy[name] if {
	some name, case in {
		"a name is there": {"annotations": {n("proxy-ssl-name"): "api.shop.svc"}, "want": "set proxy-ssl-verify to \"on\""},
		"none is": {
			"annotations": {},
			"want": "set proxy-ssl-verify to \"on\", and proxy-ssl-name to the name in the certificates of the backends",
		},
	}
	{f.remedy | some f in judge(case.annotations, {})} == {case.want}
}

test_silent[name] if {
	some name, case in {
		"on": {"annotations": {verify: "on"}},
		"on, with blanks": {"annotations": {verify: "on "}},
		"no TLS": {"annotations": {n("backend-protocol"): "HTTP"}},
		"GRPCS, of which upstream-tls-not-used speaks": {"annotations": {n("backend-protocol"): "GRPCS"}},
		"a canary": {"annotations": {n("canary"): "true"}},
		"on by hand": {"annotations": {n("configuration-snippet"): "proxy_ssl_verify on;"}},
		"the Secret is missing": {"annotations": {}, "ref": {"presence": "absent"}},
		"the Secret holds no CA": {"annotations": {}, "ref": {"key_presence": "absent"}},
	}
	count(judge(case.annotations, object.get(case, "ref", {}))) == 0
}

test_no_reference if count(rule.findings) == 0 with input as {"object": {"metadata": {"name": "web"}}, "refs": {}}
