package policies["ingress-nginx"]["client-ca-without-certificate_test"]

import data.policies["ingress-nginx"]["client-ca-without-certificate"] as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

ingress := {"spec": {"rules": [{"host": "api.shop.test"}]}}

ref := {"path": path, "label": "Secret shop/client-ca", "presence": "present"}

content := {"opaque": false, "empty": false, "certificates": [], "defects": []}

cases := {
	"a key pair without a CA": {
		"ref": {"keys": ["tls.crt", "tls.key"], "key_presence": "absent"},
		"headline": "requests to api.shop.test reach the backend without a client certificate, because Secret shop/client-ca holds a key pair but no CA (it has no ca.crt), and ingress-nginx then turns client certificates off",
	},
	"a key pair and an empty CA": {
		"ref": {
			"keys": ["ca.crt", "tls.crt", "tls.key"],
			"key_presence": "present",
			"content": object.union(content, {"empty": true}),
		},
		"headline": "requests to api.shop.test reach the backend without a client certificate, because Secret shop/client-ca holds a key pair but no CA (its ca.crt is empty), and ingress-nginx then turns client certificates off",
	},
	"none of the keys": {
		"ref": {"keys": ["ca.pem"], "key_presence": "absent"},
		"headline": "every request to api.shop.test gets 403, because Secret shop/client-ca holds no CA (it has no ca.crt)",
	},
	"no key at all": {
		"ref": {"keys": [], "key_presence": "absent"},
		"headline": "every request to api.shop.test gets 403, because Secret shop/client-ca holds no CA (it has no ca.crt)",
	},
	"half a key pair": {
		"ref": {"keys": ["tls.crt"], "key_presence": "absent"},
		"headline": "every request to api.shop.test gets 403, because Secret shop/client-ca holds no CA (it has no ca.crt)",
	},
	"an empty CA alone": {
		"ref": {"keys": ["ca.crt"], "key_presence": "present", "content": object.union(content, {"empty": true})},
		"headline": "every request to api.shop.test gets 403, because Secret shop/client-ca holds no CA (its ca.crt is empty)",
	},
}

test_findings[name] if {
	some name, case in cases
	refs := {"client-ca": [object.union(ref, case.ref)]}
	findings := rule.findings with input as {"object": ingress, "refs": refs}
	{sprintf("%s, because %s", [f.effect, f.message]) | some f in findings} == {case.headline}
	{f.path | some f in findings} == {path}
}

test_silent[name] if {
	some name, known in {
		"a CA": {"keys": ["ca.crt"], "key_presence": "present", "content": content},
		"an encrypted CA": {"keys": ["ca.crt"], "key_presence": "present", "content": object.union(content, {"opaque": true})},
		"promised with a CA": {"presence": "promised", "keys": ["ca.crt", "tls.crt", "tls.key"], "key_presence": "promised"},
		"the issuer may return a CA": {"presence": "promised", "keys": ["tls.crt", "tls.key"], "key_presence": "unknown"},
		"unknown": {"presence": "unknown", "keys": [], "key_presence": "unknown"},
		"missing": {"presence": "absent", "keys": [], "key_presence": "unknown"},
	}
	findings := rule.findings with input as {"object": ingress, "refs": {"client-ca": [object.union(ref, known)]}}
	count(findings) == 0
}
