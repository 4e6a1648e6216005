package policies["ingress-nginx"]["client-ca-without-certificate_test"]

import data.policies["ingress-nginx"]["client-ca-without-certificate"] as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

ingress := {"spec": {"rules": [{"host": "api.shop.test"}]}}

ref := {
	"path": path,
	"label": "Secret shop/client-ca",
	"in_force": true,
	"presence": "present",
	"key_presence": "present",
}

content := {"opaque": false, "empty": false, "certificates": ["aa"], "defects": []}

empty := {"opaque": false, "empty": true, "certificates": [], "defects": []}

opaque := {"opaque": true, "empty": false, "certificates": [], "defects": []}

unreadable := {
	"opaque": false,
	"empty": false,
	"certificates": [],
	"defects": [
		{"kind": "no-certificate", "line": 1, "message": "no certificate in here"},
		{"kind": "crl", "line": 9, "message": "another defect"},
	],
}

cases := {
	"a key pair without a CA": {
		"ref": {"keys": ["tls.crt", "tls.key"], "key_presence": "absent"},
		"headline": "requests to api.shop.test reach the backend without a client certificate, because Secret shop/client-ca holds a key pair but no CA (it has no ca.crt), and ingress-nginx then turns client certificates off",
	},
	"a key pair and an empty CA": {
		"ref": {
			"keys": ["ca.crt", "tls.crt", "tls.key"],
			"key_presence": "present",
			"content": empty,
		},
		"headline": "requests to api.shop.test reach the backend without a client certificate, because Secret shop/client-ca holds a key pair but no CA (its ca.crt is empty), and ingress-nginx then turns client certificates off",
	},
	"a key pair that matches": {
		"ref": {"keys": ["tls.crt", "tls.key"], "key_presence": "absent", "pair": "match"},
		"headline": "requests to api.shop.test reach the backend without a client certificate, because Secret shop/client-ca holds a key pair but no CA (it has no ca.crt), and ingress-nginx then turns client certificates off",
	},
	"a key pair that does not, which is closed even where nobody is asked": {
		"ref": {"keys": ["tls.crt", "tls.key"], "key_presence": "absent", "pair": "mismatch", "in_force": false},
		"headline": "every request to api.shop.test gets 403, because Secret shop/client-ca holds no CA (it has no ca.crt), nor a key pair that ingress-nginx takes (its tls.key does not belong to its tls.crt)",
	},
	"an empty CA, and an empty key": {
		"ref": {"keys": ["ca.crt", "tls.crt", "tls.key"], "pair": "empty", "content": empty},
		"headline": "every request to api.shop.test gets 403, because Secret shop/client-ca holds no CA (its ca.crt is empty), nor a key pair that ingress-nginx takes (its tls.crt or tls.key is empty)",
	},
	"a CA that cannot be read": {
		"ref": {"keys": ["ca.crt", "tls.crt", "tls.key"], "pair": "match", "content": unreadable},
		"headline": "every request to api.shop.test gets 403, because Secret shop/client-ca holds no CA (its ca.crt holds no certificate that can be read: no certificate in here)",
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
		"ref": {"keys": ["ca.crt"], "key_presence": "present", "content": empty},
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

bare := object.union(ref, {"keys": ["tls.crt", "tls.key"], "key_presence": "absent"})

test_remedy[name] if {
	some name, case in {
		"open": {"ref": {}, "want": "put the CA that signs your clients under ca.crt, best in a Secret of its own"},
		"a broken key pair would keep the host closed": {
			"ref": {"pair": "key-encrypted"},
			"want": "put the CA that signs your clients under ca.crt, in a Secret without tls.crt and tls.key",
		},
		"no key at all": {"ref": {"keys": []}, "want": "put the CA that signs your clients under ca.crt"},
	}
	findings := rule.findings with input as {"object": ingress, "refs": {"client-ca": [object.union(bare, case.ref)]}}
	{f.remedy | some f in findings} == {case.want}
}

test_silent[name] if {
	some name, known in {
		"a CA": {"keys": ["ca.crt"], "content": content},
		"an encrypted CA": {"keys": ["ca.crt"], "content": opaque},
		"promised with a CA": {"presence": "promised", "keys": ["ca.crt", "tls.crt", "tls.key"], "key_presence": "promised"},
		"the issuer may return a CA": {"presence": "promised", "keys": ["tls.crt", "tls.key"], "key_presence": "unknown"},
		"unknown": {"presence": "unknown", "keys": [], "key_presence": "unknown"},
		"missing": {"presence": "absent", "keys": [], "key_presence": "unknown"},
		"open where nobody is to be asked": {"keys": ["tls.crt", "tls.key"], "key_presence": "absent", "in_force": false},
		"refused, as one of another namespace": {"grant": "refused", "presence": "unknown", "keys": [], "key_presence": "unknown"},
	}
	findings := rule.findings with input as {"object": ingress, "refs": {"client-ca": [object.union(ref, known)]}}
	count(findings) == 0
}
