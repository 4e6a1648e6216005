package policies.istio["gateway-client-ca-missing_test"]

import data.policies.istio["gateway-client-ca-missing"] as rule

judge(tls, refs) := findings if {
	findings := rule.findings with input as {
		"id": {"namespace": "shop"},
		"object": {"spec": {"servers": [{"hosts": ["web.shop.test"], "tls": tls}]}},
		"refs": {"gateway-client-ca": refs},
	}
}

test_files[name] if {
	some name, case in {
		"none": {"tls": {"mode": "MUTUAL", "serverCertificate": "/a", "privateKey": "/b"}, "want": 1},
		"blank": {"tls": {"mode": "OPTIONAL_MUTUAL", "tlsCertificates": [{}], "caCertificates": ""}, "want": 1},
		"one": {"tls": {"mode": "MUTUAL", "serverCertificate": "/a", "privateKey": "/b", "caCertificates": "/c"}, "want": 0},
		"nobody is asked": {"tls": {"mode": "SIMPLE", "serverCertificate": "/a", "privateKey": "/b"}, "want": 0},
		"a Secret": {"tls": {"mode": "MUTUAL", "credentialName": "web"}, "want": 0},
		"no certificate either": {"tls": {"mode": "MUTUAL"}, "want": 0},
	}
	count(judge(case.tls, [])) == case.want
}

test_name[name] if {
	some name, want in {"ca": 1, "ca-cacert": 0, "configmap://shop/ca": 0, "sds://ca": 0, "${CA}": 0, "": 0}
	count(judge({"mode": "MUTUAL", "credentialName": "web", "caCertCredentialName": name}, [])) == want
}

test_name_says if {
	judge({"mode": "MUTUAL", "credentialName": "web", "caCertCredentialName": "ca"}, []) == {{
		"path": ["spec", "servers", 0, "tls", "caCertCredentialName"],
		"message": "by the name \"ca\" Istio fetches a key pair, and no CA",
		"effect": "TLS handshakes with web.shop.test fail, for no client can be verified",
		"remedy": "write ca-cacert, which is looked for under both names, or configmap://namespace/name",
	}}
}

own := {
	"path": ["spec", "servers", 0, "tls", "credentialName"],
	"kind": "Secret",
	"namespace": "edge",
	"name": "web",
	"label": "Secret edge/web",
	"presence": "present",
	"key": "ca.crt",
	"key_presence": "absent",
	"keys": ["tls.crt", "tls.key"],
	"state": "does not exist",
	"evidence": "complete",
	"near": [],
}

named := object.union(own, {"path": ["spec", "servers", 0, "tls", "caCertCredentialName"], "name": "ca-cacert", "label": "Secret edge/ca-cacert"})

test_holds_none if {
	judge({"mode": "MUTUAL", "credentialName": "web"}, [own]) == {{
		"path": ["spec", "servers", 0, "tls", "credentialName"],
		"message": "Secret edge/web holds no CA, neither under cacert nor under ca.crt",
		"effect": "TLS handshakes with web.shop.test fail, for no client can be verified",
		"remedy": "put the CA that signs your clients' certificates under ca.crt of a Secret web-cacert beside it",
	}}
}

says(tls, ref) := {[f.message, f.remedy] | some f in judge(tls, [ref])}

there := "put the CA that signs your clients' certificates there under ca.crt"

simple := {"mode": "MUTUAL", "credentialName": "web"}

test_lacks[name] if {
	some name, case in {
		"of a shadow": {
			"tls": simple,
			"ref": object.union(own, {"name": "web-cacert", "label": "Secret edge/web-cacert"}),
			"want": {["Secret edge/web-cacert holds no CA, neither under cacert nor under ca.crt, and is read instead of web", there]},
		},
		"by its name": {
			"tls": object.union(simple, {"caCertCredentialName": "ca-cacert"}),
			"ref": named,
			"want": {["Secret edge/ca-cacert holds no CA, neither under cacert nor under ca.crt", there]},
		},
		"by its name with a scheme": {
			"tls": object.union(simple, {"caCertCredentialName": "kubernetes://edge/ca-cacert"}),
			"ref": object.union(named, {"key_presence": "present", "content": {"opaque": false, "empty": true, "certificates": []}}),
			"want": {["Secret edge/ca-cacert has an empty ca.crt", there]},
		},
		"no certificate": {
			"tls": object.union(simple, {"caCertCredentialName": "configmap://shop/ca"}),
			"ref": object.union(named, {"kind": "ConfigMap", "name": "ca", "label": "ConfigMap shop/ca", "key_presence": "present", "content": {"opaque": false, "empty": false, "certificates": []}}),
			"want": {["ConfigMap shop/ca holds no certificate under ca.crt that can be read", there]},
		},
		"made without": {
			"tls": simple,
			"ref": object.union(own, {"presence": "promised", "producer": {"chain": "Certificate edge/web"}}),
			"want": {[
				"Secret edge/web holds no CA, neither under cacert nor under ca.crt: it is made for Certificate edge/web",
				"put the CA that signs your clients' certificates under ca.crt of a Secret web-cacert beside it",
			]},
		},
		"not filled yet": {"tls": simple, "ref": object.union(own, {"keys": [], "producer": {"chain": "Certificate edge/web"}}), "want": set()},
		"encrypted": {"tls": simple, "ref": object.union(own, {"key_presence": "present", "content": {"opaque": true, "empty": false, "certificates": []}}), "want": set()},
		"there": {"tls": simple, "ref": object.union(own, {"key_presence": "present", "content": {"opaque": false, "empty": false, "certificates": ["a"]}}), "want": set()},
		"missing, as the certificate": {"tls": simple, "ref": object.union(own, {"presence": "absent", "key_presence": "unknown"}), "want": set()},
		"missing": {
			"tls": object.union(simple, {"caCertCredentialName": "ca-cacert"}),
			"ref": object.union(named, {"presence": "absent", "key_presence": "unknown"}),
			"want": {["Secret edge/ca-cacert does not exist", "create the Secret with the CA under ca.crt"]},
		},
	}
	says(case.tls, case.ref) == case.want
}

test_not_fetched if {
	count(judge(object.union(simple, {"caCertCredentialName": "ca"}), [object.union(named, {"presence": "absent"})])) == 1
}
