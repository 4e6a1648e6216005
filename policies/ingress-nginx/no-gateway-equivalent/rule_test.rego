package policies["ingress-nginx"]["no-gateway-equivalent_test"]

import data.policies["ingress-nginx"]["no-gateway-equivalent"] as rule

judge(annotations, refs) := {sprintf("%s, because %s", [f.effect, f.message]) | some f in findings} if {
	document := {
		"object": {
			"metadata": {"annotations": {sprintf("nginx.ingress.kubernetes.io/%s", [name]): value | some name, value in annotations}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refs": refs,
	}
	findings := rule.findings with input as document
}

ref(keys, force) := {
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"],
	"label": "Secret shop/ca",
	"keys": keys,
	"in_force": force,
}

verified := {"backend-protocol": "HTTPS", "proxy-ssl-verify": "on"}

test_found[name] if {
	some name, case in {
		"a name": {
			"annotations": {"auth-tls-match-cn": "CN=admin"},
			"refs": {},
			"want": {"any certificate of the CA is let in to api.shop.test, whatever its name, because Gateway API has nothing for auth-tls-match-cn"},
		},
		"revocation": {
			"annotations": {},
			"refs": {"client-ca": [ref(["ca.crl"], true)]},
			"want": {
				"clients of other hosts of the Gateway are asked for a certificate as those of api.shop.test are, because frontend.validation of a Gateway holds for all its hosts, or for a port",
				"revoked certificates are let in to api.shop.test, because Gateway API has nothing for ca.crl of Secret shop/ca",
			},
		},
		"optional": {
			"annotations": {"auth-tls-secret": "shop/ca", "auth-tls-verify-client": "optional"},
			"refs": {},
			"want": {"an invalid certificate no longer gets 400 from api.shop.test, because for optional there is only AllowInsecureFallback, which lets in any certificate, and none"},
		},
		"a protocol": {
			"annotations": {"backend-protocol": "FCGI"},
			"refs": {},
			"want": {"requests to api.shop.test go on in plain HTTP, or not at all, because Gateway API has nothing for backend-protocol FCGI"},
		},
		"a backend that is not verified": {
			"annotations": {"backend-protocol": "HTTPS"},
			"refs": {},
			"want": {"requests to api.shop.test get 502 where no CA is named that signed the backend's certificate, because BackendTLSPolicy always verifies the backend, and this Ingress does not"},
		},
		"a certificate for backends": {
			"annotations": verified,
			"refs": {"upstream-ca": [ref(["ca.crt", "tls.crt", "tls.key"], true)]},
			"want": {"the backends of api.shop.test see the certificate of the Gateway, or none, because a Gateway has one client certificate for all backends, and Secret shop/ca holds one for these"},
		},
	}
	judge(case.annotations, case.refs) == case.want
}

test_silent[name] if {
	some name, case in {
		"nothing about TLS": {"annotations": {"proxy-body-size": "1m"}, "refs": {}},
		"blank, or off": {"annotations": {"auth-tls-match-cn": "", "auth-tls-pass-certificate-to-upstream": "false"}, "refs": {}},
		"optional, and nobody is asked": {"annotations": {"auth-tls-verify-client": "optional"}, "refs": {}},
		"a CA that is not used": {"annotations": {}, "refs": {"client-ca": [ref(["ca.crl"], false)]}},
		"backends that are verified": {"annotations": verified, "refs": {"upstream-ca": [ref(["ca.crt"], true)]}},
	}
	judge(case.annotations, case.refs) == set()
}
