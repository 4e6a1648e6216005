package policies["ingress-nginx"]["backend-protocol-invalid_test"]

import data.policies["ingress-nginx"]["backend-protocol-invalid"] as rule

protocol := "nginx.ingress.kubernetes.io/backend-protocol"

judge(annotations) := findings if {
	findings := rule.findings with input as {"object": {
		"metadata": {"annotations": annotations},
		"spec": {"rules": [{"host": "api.shop.test"}]},
	}}
}

test_found[name] if {
	some name, case in {
		"H2C": {
			"value": "H2C",
			"want": ["warning", "nginx calls the backends of api.shop.test in plain text, because ingress-nginx does not know the backend-protocol \"H2C\", and takes HTTP"],
			"fix": set(),
		},
		"TLS": {
			"value": "https://",
			"want": ["error", "nginx calls the backends of api.shop.test in plain text, because ingress-nginx does not know the backend-protocol \"https://\", and takes HTTP"],
			"fix": set(),
		},
		"a line break": {
			"value": "https\n",
			"want": ["error", "nginx calls the backends of api.shop.test in plain text, because ingress-nginx does not know the backend-protocol \"https\\n\", and takes HTTP"],
			"fix": {[false, "HTTPS"]},
		},
		"grpcs": {
			"value": "grpcs",
			"want": ["warning", "none of the headers that nginx sets reaches the backend, ssl-client-verify among them, because the backend-protocol \"grpcs\" must be in upper case to hold for all of the configuration"],
			"fix": {[true, "GRPCS"]},
		},
		"fcgi": {
			"value": "fcgi",
			"want": ["warning", "the backend is told nothing of the request, not even its path, because the backend-protocol \"fcgi\" must be in upper case to hold for all of the configuration"],
			"fix": {[true, "FCGI"]},
		},
	}
	findings := judge({protocol: case.value})
	{[f.severity, sprintf("%s, because %s", [f.effect, f.message])] | some f in findings} == {case.want}
	{[f.fix.safe, f.fix.edits[0].value] | some f in findings} == case.fix
}

test_silent[name] if {
	some name, annotations in {
		"HTTPS": {protocol: "HTTPS"},
		"https, which works": {protocol: "https"},
		"blanks around": {protocol: " GRPC "},
		"empty": {protocol: ""},
		"blanks": {protocol: " "},
		"a canary": {protocol: "H2C", "nginx.ingress.kubernetes.io/canary": "true"},
		"a canary in lower case": {protocol: "grpc", "nginx.ingress.kubernetes.io/canary": "true"},
		"none": {},
	}
	count(judge(annotations)) == 0
}
