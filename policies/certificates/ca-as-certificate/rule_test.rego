package policies.certificates["ca-as-certificate_test"]

import data.policies.certificates["ca-as-certificate"] as rule

path := ["spec", "tls", 0, "secretName"]

certificates := {
	"root": {"subject": "CN=Root", "ca": true},
	"issuer": {"subject": "CN=Issuer", "ca": true},
	"leaf": {"subject": "CN=api.shop.test", "ca": false},
}

document(role, hashes) := {
	"refs": {role: [{
		"path": path,
		"key": "tls.crt",
		"role": role,
		"use": "certificate",
		"in_force": true,
		"label": "Secret shop/api-tls",
		"content": {"opaque": false, "empty": false, "certificates": hashes, "defects": []},
	}]},
	"certificates": certificates,
}

test_finding if {
	findings := rule.findings with input as document("server-certificate", ["issuer", "root"])
	findings == {{
		"path": path,
		"key": "tls.crt",
		"message": "certificate \"CN=Issuer\" of Secret shop/api-tls is a CA",
		"effect": "some clients refuse the connection (Firefox, rustls), and whoever has its key can issue certificates",
		"remedy": "issue a certificate with CA:FALSE for the names that are served",
	}}
}

test_client_certificate if {
	patched := json.patch(document("backend-client-certificate", ["issuer"]), [{"op": "add", "path": "refs/backend-client-certificate/0/usage", "value": "clientAuth"}])
	findings := rule.findings with input as patched
	{[f.effect, f.remedy] | some f in findings} == {[
		"some servers refuse it (those built on rustls), and whoever has its key can issue certificates",
		"issue a certificate with CA:FALSE for the client",
	]}
}

test_silent[name] if {
	some name, case in {
		"a certificate and its chain": {"role": "server-certificate", "hashes": ["leaf", "issuer", "root"]},
		"the certificate stands last": {"role": "server-certificate", "hashes": ["issuer", "leaf"]},
		"the key pair of an issuer": {"role": "self", "hashes": ["root"]},
	}
	findings := rule.findings with input as document(case.role, case.hashes)
	count(findings) == 0
}
