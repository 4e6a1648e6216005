package policies["ingress-nginx"]["server-certificate-without-key-pair_test"]

import data.policies["ingress-nginx"]["server-certificate-without-key-pair"] as rule

ref := {
	"path": ["spec", "tls", 0, "secretName"],
	"label": "Secret shop/api-tls",
	"presence": "present",
	"key_presence": "present",
	"keys": ["tls.crt", "tls.key"],
	"keys_open": false,
}

ingress := {"spec": {"tls": [{"hosts": ["api.shop.test"], "secretName": "api-tls"}]}}

test_findings[name] if {
	some name, case in {
		"no certificate": {"ref": {"key_presence": "absent", "keys": ["ca.crt", "tls.key"]}, "want": "Secret shop/api-tls holds no key pair (it has no tls.crt)"},
		"no key": {"ref": {"keys": ["tls.crt"]}, "want": "Secret shop/api-tls holds no key pair (it has no tls.key)"},
		"no key is promised": {"ref": {"presence": "promised", "key_presence": "promised", "keys": ["tls.crt"]}, "want": "Secret shop/api-tls holds no key pair (it has no tls.key)"},
		"empty": {"ref": {"pair": "empty"}, "want": "Secret shop/api-tls holds no key pair (its tls.crt or tls.key is empty)"},
	}
	findings := rule.findings with input as {"object": ingress, "refs": {"server-certificate": [object.union(ref, case.ref)]}}
	{f.message | some f in findings} == {case.want}
	{f.effect | some f in findings} == {"clients of api.shop.test are shown the default certificate of the controller"}
}

test_silent[name] if {
	some name, case in {
		"a pair": {"object": ingress, "ref": {"pair": "match"}},
		"there may be a key": {"object": ingress, "ref": {"keys": ["tls.crt"], "keys_open": true}},
		"unknown": {"object": ingress, "ref": {"presence": "unknown", "key_presence": "unknown", "keys": []}},
		"cert-manager is at work": {"object": ingress, "ref": {"pair": "empty", "producer": {"label": "Certificate shop/api"}}},
		"for no host": {"object": {"spec": {"tls": [{"hosts": [], "secretName": "api-tls"}]}}, "ref": {"pair": "empty"}},
	}
	findings := rule.findings with input as {"object": case.object, "refs": {"server-certificate": [object.union(ref, case.ref)]}}
	count(findings) == 0
}
