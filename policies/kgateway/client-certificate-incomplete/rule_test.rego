package policies.kgateway["client-certificate-incomplete_test"]

import data.policies.kgateway["client-certificate-incomplete"] as rule

judge(ref) := {f.message | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": {"targetRefs": [{"name": "api"}], "tls": {"secretRef": {"name": "tls"}}}},
		"refs": {"kgateway-client-certificate": [object.union(
			{"path": ["spec", "tls", "secretRef"], "label": "Secret shop/tls", "presence": "present", "key_presence": "present", "in_force": true, "keys_open": false},
			ref,
		)]},
	}
}

test_halves if {
	certificate := {"opaque": false, "empty": false, "certificates": ["a"], "defects": []}
	judge({"keys": ["tls.crt"], "content": certificate}) == {"Secret shop/tls has tls.crt and no tls.key"}
	judge({"keys": ["tls.crt", "tls.key"], "content": certificate, "pair": "empty"}) == {"Secret shop/tls has tls.crt and an empty tls.key"}
	judge({"keys": ["tls.key"], "key_presence": "absent"}) == {"Secret shop/tls has tls.key and no tls.crt"}
	judge({"keys": ["tls.crt", "tls.key"], "content": certificate, "pair": "match"}) == set()
	judge({"keys": ["tls.crt"], "content": certificate, "in_force": false}) == set()
}
