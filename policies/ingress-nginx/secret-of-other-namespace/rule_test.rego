package policies["ingress-nginx"]["secret-of-other-namespace_test"]

import data.policies["ingress-nginx"]["secret-of-other-namespace"] as rule

client_ca := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

upstream_ca := ["metadata", "annotations", "nginx.ingress.kubernetes.io/proxy-ssl-secret"]

document(refs) := {
	"id": {"namespace": "shop"},
	"object": {"spec": {"rules": [{"host": "api.shop.test"}]}},
	"refs": refs,
}

ref(path, grant) := {
	"path": path,
	"label": "Secret security/ca",
	"name": "ca",
	"state": "is in namespace security, not in shop",
	"grant": grant,
	"presence": "unknown",
}

test_findings[name] if {
	some name, case in {
		"client CA, refused": {
			"refs": {"client-ca": [ref(client_ca, "refused")]},
			"headline": "every request to api.shop.test gets 403, because Secret security/ca is in namespace security, not in shop, and ingress-nginx takes none of another namespace",
			"path": client_ca,
		},
		"client CA, refused by default": {
			"refs": {"client-ca": [ref(client_ca, "refused-by-default")]},
			"headline": "every request to api.shop.test gets 403, because Secret security/ca is in namespace security, not in shop, and ingress-nginx, from 1.12 on, takes none of another namespace unless its ConfigMap sets allow-cross-namespace-resources",
			"path": client_ca,
		},
		"upstream CA, refused": {
			"refs": {"upstream-ca": [ref(upstream_ca, "refused")]},
			"headline": "every request that this Ingress serves at api.shop.test gets 503, because Secret security/ca is in namespace security, not in shop, and ingress-nginx takes none of another namespace",
			"path": upstream_ca,
		},
	}
	findings := rule.findings with input as document(case.refs)
	{[sprintf("%s, because %s", [f.effect, f.message]), f.path] | some f in findings} == {[case.headline, case.path]}
}

test_remedy if {
	findings := rule.findings with input as document({"client-ca": [ref(client_ca, "refused")]})
	{f.remedy | some f in findings} == {"keep the Secret in namespace shop and refer to shop/ca"}
}

test_remedy_by_default if {
	findings := rule.findings with input as document({"client-ca": [ref(client_ca, "refused-by-default")]})
	some f in findings
	endswith(f.remedy, "shop/ca; if yours permits it, say so in the config: controllers.settings.ingress-nginx.allow-cross-namespace-resources")
}

test_silent[name] if {
	some name, case in {
		"of its own namespace": {"client-ca": [ref(client_ca, "not-needed")]},
		"permitted": {"client-ca": [ref(client_ca, "granted")]},
		"not known": {"client-ca": [ref(client_ca, "unknown")]},
		"a server certificate": {"server-certificate": [ref(["spec", "tls", 0, "secretName"], "not-needed")]},
		"no references": {},
	}
	count(rule.findings) == 0 with input as document(case)
}
