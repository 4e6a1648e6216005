package policies.traefik["annotation-ignored_test"]

import data.policies.traefik["annotation-ignored"] as rule

prefix := "nginx.ingress.kubernetes.io/"

judge(annotations, refs) := {[f.path[2], object.get(f, "severity", "error"), f.effect] | some f in findings} if {
	document := {
		"object": {
			"metadata": {"annotations": {sprintf("%s%s", [prefix, name]): value | some name, value in annotations}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refs": refs,
	}
	findings := rule.findings with input as document
}

test_match_cn if {
	judge({"auth-tls-secret": "shop/ca", "auth-tls-match-cn": "CN=admin"}, {}) == {[
		"nginx.ingress.kubernetes.io/auth-tls-match-cn", "error", "any certificate of the CA is let in to api.shop.test, whatever its name",
	]}
}

ca(keys, force) := {"client-ca": [{
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"],
	"label": "Secret shop/ca",
	"keys": keys,
	"in_force": force,
}]}

test_revoked if {
	judge({}, ca(["ca.crl", "ca.crt"], true)) == {[
		"nginx.ingress.kubernetes.io/auth-tls-secret", "error", "revoked certificates are let in to api.shop.test",
	]}
}

test_ignored if {
	judge({"auth-tls-verify-depth": "2", "ssl-ciphers": "HIGH"}, {}) == {
		["nginx.ingress.kubernetes.io/auth-tls-verify-depth", "warning", "certificate chains of any length are let in to api.shop.test"],
		["nginx.ingress.kubernetes.io/ssl-ciphers", "warning", "the ciphers of api.shop.test are Traefik's"],
	}
}

test_silent[name] if {
	some name, case in {
		"a name to match, and nobody is asked": {"annotations": {"auth-tls-match-cn": "CN=admin"}, "refs": {}},
		"no name to match": {"annotations": {"auth-tls-secret": "shop/ca", "auth-tls-match-cn": ""}, "refs": {}},
		"no revocation": {"annotations": {}, "refs": ca(["ca.crt"], true)},
		"revocation for nobody": {"annotations": {}, "refs": ca(["ca.crl", "ca.crt"], false)},
		"blank": {"annotations": {"ssl-ciphers": ""}, "refs": {}},
		"what it reads": {"annotations": {"auth-tls-secret": "shop/ca", "auth-tls-verify-client": "on", "force-ssl-redirect": "true"}, "refs": {}},
	}
	judge(case.annotations, case.refs) == set()
}
