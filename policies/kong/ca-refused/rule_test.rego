package policies.kong["ca-refused_test"]

import data.policies.kong["ca-refused"] as rule

ref := {"path": ["metadata"], "label": "Secret shop/ca", "in_force": true, "key_presence": "present", "keys": ["ca.crt", "id"]}

content(hashes) := {"opaque": false, "certificates": hashes}

document(known) := {
	"now": "2026-11-01T12:00:00Z",
	"id": {"kind": "Service", "label": "Service shop/api"},
	"refs": {"kong-ca": [object.union(ref, known)]},
	"certificates": {
		"good": {"ca": true, "not_after": "2036-11-01T12:00:00Z"},
		"expired": {"ca": true, "not_after": "2026-10-01T12:00:00Z"},
		"leaf": {"ca": false, "not_after": "2036-11-01T12:00:00Z"},
	},
}

test_found[name] if {
	some name, case in {
		"two": {"known": {"content": content(["good", "leaf"])}, "message": "ca.crt of Secret shop/ca holds 2 certificates, and Kong takes one", "key": "ca.crt"},
		"two under cert": {"known": {"keys": ["cert"], "also": {"cert": content(["good", "leaf"])}}, "message": "cert of Secret shop/ca holds 2 certificates, and Kong takes one", "key": "cert"},
		"a leaf": {"known": {"keys": ["cert"], "also": {"cert": content(["leaf"])}}, "message": "cert of Secret shop/ca holds no certificate of a CA", "key": "cert"},
		"expired": {"known": {"keys": ["cert"], "also": {"cert": content(["expired"])}}, "message": "the CA under cert of Secret shop/ca has expired", "key": "cert"},
		"none": {"known": {"content": content([])}, "message": "ca.crt of Secret shop/ca holds no certificate", "key": "ca.crt"},
		"none under cert": {"known": {"keys": ["cert"], "also": {"cert": content([])}}, "message": "cert of Secret shop/ca holds no certificate", "key": "cert"},
		"neither": {"known": {"keys": ["id", "tls.crt"], "key_presence": "absent"}, "message": "Secret shop/ca holds neither cert nor ca.crt", "key": "ca.crt"},
	}
	findings := rule.findings with input as document(case.known)
	[[f.key, f.message] | some f in findings] == [[case.key, case.message]]
}

test_silent[name] if {
	some name, known in {
		"one": {"content": content(["good"])},
		"cert comes first": {"keys": ["ca.crt", "cert"], "content": content(["good", "leaf"]), "also": {"cert": content(["good"])}},
		"encrypted": {"content": {"opaque": true, "certificates": []}},
		"an expired one, which another rule reports": {"content": content(["expired"])},
	}
	findings := rule.findings with input as document(known)
	count(findings) == 0
}

test_of_a_policy if {
	findings := rule.findings with input as {
		"now": "2026-11-01T12:00:00Z",
		"id": {"kind": "BackendTLSPolicy"},
		"refs": {"kong-policy-ca": [object.union(ref, {"content": content([])}), object.union(ref, {"content": content(["a", "b"])})]},
		"certificates": {},
	}
	{[f.message, f.effect] | some f in findings} == {["ca.crt of Secret shop/ca holds 2 certificates, and Kong takes one", "Kong does not load it, and requests to its target get 502 where its certificate is of that CA"]}
}
