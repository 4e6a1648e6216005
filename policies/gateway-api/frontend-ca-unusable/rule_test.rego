package policies["gateway-api"]["frontend-ca-unusable_test"]

import data.policies["gateway-api"]["frontend-ca-unusable"] as rule

ref := {
	"path": ["spec", "tls", "frontend", "default", "validation", "caCertificateRefs", 0],
	"kind": "ConfigMap",
	"label": "ConfigMap shop/client-ca",
	"presence": "present",
	"key_presence": "absent",
	"keys": ["client.pem", "tls.crt"],
}

found(controllers, change) := findings if {
	findings := rule.findings with input as {"controllers": controllers, "refs": {"frontend-ca": [object.union(ref, change)]}}
}

traefik := {"traefik": {"certainty": "known"}}

test_other_keys if {
	found(traefik, {}) == {{
		"path": ["spec", "tls", "frontend", "default", "validation", "caCertificateRefs", 0],
		"message": "ConfigMap shop/client-ca holds no ca.crt, only client.pem and tls.crt",
		"effect": "the HTTPS listeners accept no connection",
		"remedy": "put the CA of the clients under ca.crt as PEM",
		"severity": "error",
	}}
}

test_no_certificate if {
	change := {"key_presence": "present", "keys": ["ca.crt"], "content": {"certificates": [], "empty": false, "opaque": false, "defects": [{"kind": "no-certificate"}]}}
	{f.message | some f in found(traefik, change)} == {"ConfigMap shop/client-ca holds no certificate under ca.crt"}
}

test_nobody_known if {
	{f.severity | some f in found({}, {})} == {"warning"}
}

test_other_key_serves if {
	found({"envoy-gateway": {"certainty": "known"}}, {}) == set()
}
