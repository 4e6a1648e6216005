package policies["ingress-nginx"]["upstream-ca-without-certificate_test"]

import data.policies["ingress-nginx"]["upstream-ca-without-certificate"] as rule

secret := "nginx.ingress.kubernetes.io/proxy-ssl-secret"

protocol := "nginx.ingress.kubernetes.io/backend-protocol"

path := ["metadata", "annotations", secret]

ref := {
	"path": path,
	"namespace": "shop",
	"label": "Secret shop/upstream-ca",
	"in_force": true,
	"presence": "present",
	"key_presence": "present",
}

content := {"opaque": false, "empty": false, "certificates": ["aa"], "defects": []}

judge(annotations, known) := findings if {
	document := {
		"id": {"kind": "Ingress", "namespace": "shop", "name": "api"},
		"object": {
			"metadata": {"annotations": object.union({secret: "shop/upstream-ca", protocol: "HTTPS"}, annotations)},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refs": {"upstream-ca": [object.union(ref, known)]},
	}
	findings := rule.findings with input as document
}

cases := {
	"a key pair without a CA": {
		"ref": {"keys": ["tls.crt", "tls.key"], "key_presence": "absent"},
		"severity": "error",
		"headline": "the backends of api.shop.test are not verified, because Secret shop/upstream-ca holds a key pair but no CA (it has no ca.crt), and ingress-nginx then ignores proxy-ssl-verify",
	},
	"a key pair to be shown": {
		"ref": {"keys": ["tls.crt", "tls.key"], "key_presence": "absent", "pair": "match", "in_force": false},
		"severity": "warning",
		"headline": "nginx shows the backends of api.shop.test no client certificate, because Secret shop/upstream-ca holds a key pair but no CA (it has no ca.crt), and ingress-nginx uses neither without the other",
	},
	"a key pair that ingress-nginx does not take": {
		"ref": {"keys": ["tls.crt", "tls.key"], "key_presence": "absent", "pair": "mismatch", "in_force": false},
		"severity": "error",
		"headline": "every request to the paths of this Ingress gets 503, because Secret shop/upstream-ca holds no CA (it has no ca.crt), nor a key pair that ingress-nginx takes (its tls.key does not belong to its tls.crt)",
	},
	"a CA that cannot be read": {
		"ref": {"keys": ["ca.crt"], "content": {
			"opaque": false,
			"empty": false,
			"certificates": [],
			"defects": [{"kind": "no-certificate", "line": 1, "message": "no certificate in here"}],
		}},
		"severity": "error",
		"headline": "every request to the paths of this Ingress gets 503, because Secret shop/upstream-ca holds no CA (its ca.crt holds no certificate that can be read: no certificate in here)",
	},
	"no key at all": {
		"ref": {"keys": [], "key_presence": "absent"},
		"severity": "error",
		"headline": "every request to the paths of this Ingress gets 503, because Secret shop/upstream-ca holds no CA (it has no ca.crt)",
	},
}

test_findings[name] if {
	some name, case in cases
	findings := judge({}, case.ref)
	{[f.path, object.get(f, "severity", "error"), sprintf("%s, because %s", [f.effect, f.message])] |
		some f in findings
	} == {[path, case.severity, case.headline]}
}

test_remedy if {
	{f.remedy | some f in judge({}, {"keys": [], "key_presence": "absent"})} == {"put the CA that signs your backends under ca.crt"}
}

pair := {"keys": ["tls.crt", "tls.key"], "key_presence": "absent", "in_force": false}

test_silent[name] if {
	some name, case in {
		"a CA": {"ref": {"keys": ["ca.crt"], "content": content}},
		"an encrypted CA": {"ref": {"keys": ["ca.crt"], "content": object.union(content, {"opaque": true})}},
		"the issuer may return a CA": {"ref": {"presence": "promised", "keys": ["tls.crt", "tls.key"], "key_presence": "unknown"}},
		"unknown": {"ref": {"presence": "unknown", "keys": [], "key_presence": "unknown"}},
		"missing": {"ref": {"presence": "absent", "keys": [], "key_presence": "unknown"}},
		"a key pair where no TLS is spoken": {"annotations": {protocol: "HTTP"}, "ref": pair},
		"a key pair of a canary": {"annotations": {"nginx.ingress.kubernetes.io/canary": "true"}, "ref": pair},
		"a key pair of a canary that would verify": {
			"annotations": {"nginx.ingress.kubernetes.io/canary": "true"},
			"ref": object.union(pair, {"in_force": true}),
		},
		"nothing, of a canary": {
			"annotations": {"nginx.ingress.kubernetes.io/canary": "true"},
			"ref": {"keys": [], "key_presence": "absent"},
		},
	}
	count(judge(object.get(case, "annotations", {}), case.ref)) == 0
}

# AUTO_HTTP speaks TLS to backends wherever clients do.
test_protocol[protocol_name] if {
	some protocol_name, want in {"HTTPS": 1, "AUTO_HTTP": 1, "HTTP": 0, "GRPCS": 0}
	count(judge({protocol: protocol_name}, {"keys": ["tls.crt", "tls.key"], "key_presence": "absent", "pair": "match", "in_force": false})) == want
}
