package policies["ingress-nginx"]["verify-client-unknown-value_test"]

import data.policies["ingress-nginx"]["verify-client-unknown-value"] as rule

judge(value, refs) := findings if {
	document := {
		"object": {
			"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-verify-client": value}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refs": {"client-ca": refs},
	}
	findings := rule.findings with input as document
}

test_finding if {
	path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-verify-client"]
	judge("Optional", [{}]) == {{
		"path": path,
		"message": "auth-tls-verify-client knows no \"Optional\", and ingress-nginx takes \"on\" instead",
		"effect": "every client of api.shop.test without a certificate gets 400",
		"remedy": "write on, off, optional or optional_no_ca, in quotes",
		"fix": {
			"title": "write \"optional\"",
			"safe": false,
			"edits": [{"op": "set", "path": path, "value": "optional"}],
		},
	}}
}

test_values[value] if {
	some value, want in {
		"ON": ["info", {["on", true]}],
		"true": ["info", {["on", true]}],
		"on\n": ["info", {["on", true]}],
		"OFF": ["warning", {["off", false]}],
		"Optional_No_CA": ["warning", {["optional_no_ca", false]}],
		"false": ["warning", set()],
		"option al": ["warning", set()],
	}
	found := judge(value, [{}])
	{object.get(f, "severity", "warning") | some f in found} == {want[0]}
	{[edit.value, f.fix.safe] | some f in found; some edit in f.fix.edits} == want[1]
}

test_silent[name] if {
	some name, value in {
		"on": "on",
		"off": "off",
		"optional": "optional",
		"any issuer": "optional_no_ca",
		"spaces around": " optional ",
		"blank": " ",
		"empty": "",
		"no text": true,
	}
	judge(value, [{}]) == set()
}

test_no_ca if judge("Optional", []) == set()
