package policies.certificates["usage-missing_test"]

import data.policies.certificates["usage-missing"] as rule

path := ["spec", "tls", 0, "secretName"]

certificates := {
	"server": {"subject": "CN=api.shop.test", "ext_key_usage": ["serverAuth"]},
	"client": {"subject": "CN=client", "ext_key_usage": ["clientAuth", "emailProtection"]},
	"any": {"subject": "CN=any", "ext_key_usage": ["anyExtendedKeyUsage"]},
	"plain": {"subject": "CN=plain", "ext_key_usage": []},
}

reference := {
	"path": path,
	"key": "tls.crt",
	"use": "certificate",
	"usage": "serverAuth",
	"in_force": true,
	"label": "Secret shop/api-tls",
}

document(use, usage, hashes) := {
	"refs": {"server-certificate": [object.union(reference, {
		"use": use,
		"usage": usage,
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": []},
	})]},
	"certificates": certificates,
}

test_certificate if {
	findings := rule.findings with input as document("certificate", "serverAuth", ["client"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "certificate \"CN=client\" of Secret shop/api-tls is not for serverAuth: its extended key usage is clientAuth, emailProtection",
		"effect": "every client that verifies it refuses the connection",
		"remedy": "issue it with the usage serverAuth",
		"severity": "error",
	}}
}

test_ca if {
	findings := rule.findings with input as document("trust", "clientAuth", ["server"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "no CA of Secret shop/api-tls is for clientAuth: the extended key usage of \"CN=api.shop.test\" is serverAuth",
		"effect": "every certificate that is checked against it is refused",
		"remedy": "use a CA without extended key usage, or with clientAuth",
	}}
}

test_severity[name] if {
	some name, case in {
		"a client certificate": {"use": "certificate", "usage": "clientAuth", "hashes": ["server"], "want": ["warning"]},
		"the usage": {"use": "certificate", "usage": "serverAuth", "hashes": ["server"], "want": []},
		"any usage": {"use": "certificate", "usage": "serverAuth", "hashes": ["any"], "want": []},
		"no extension": {"use": "certificate", "usage": "serverAuth", "hashes": ["plain"], "want": []},
		"only the first counts": {"use": "certificate", "usage": "serverAuth", "hashes": ["server", "client"], "want": []},
		"one CA of two": {"use": "trust", "usage": "serverAuth", "hashes": ["client", "plain"], "want": []},
		"the other CA of two": {"use": "trust", "usage": "serverAuth", "hashes": ["plain", "client"], "want": []},
		"a CA for any usage": {"use": "trust", "usage": "serverAuth", "hashes": ["any"], "want": []},
	}
	findings := rule.findings with input as document(case.use, case.usage, case.hashes)
	[f.severity | some f in findings] == case.want
}

test_usage_unknown if {
	findings := rule.findings with input as json.remove(document("certificate", "serverAuth", ["client"]), ["refs/server-certificate/0/usage"])
	count(findings) == 0
}
