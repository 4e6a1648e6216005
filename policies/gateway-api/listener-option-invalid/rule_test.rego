package policies["gateway-api"]["listener-option-invalid_test"]

import data.policies["gateway-api"]["listener-option-invalid"] as rule

judge(controller, options) := findings if {
	findings := rule.findings with input as {
		"id": {"group": "gateway.networking.k8s.io", "version": "v1", "kind": "Gateway", "namespace": "shop", "name": "edge", "label": "Gateway shop/edge"},
		"object": {"spec": {"listeners": [{"name": "web", "port": 443, "tls": {"options": options}}]}},
		"controllers": {controller: {"certainty": "known"}},
		"refs": {"listener-certificate": [{
			"path": ["spec", "listeners", 0, "tls", "certificateRefs", 0],
			"label": "Secret shop/web-tls", "presence": "present", "keys": ["tls.crt", "tls.key"], "keys_open": false,
		}]},
	}
}

gloo(option, value) := {[f.message, f.remedy] | some f in judge("gloo-gateway", {sprintf("gateway.gloo.solo.io/ssl/%s", [option]): value})}

test_gloo if {
	gloo("minimum-tls-version", "TLSv1.2") == {["Gloo Gateway does not know the TLS version \"TLSv1.2\"", "write TLSv1_2"]}
	gloo("minimum-tls-version", "newest") == {["Gloo Gateway does not know the TLS version \"newest\"", "write TLSv1_2 or TLSv1_3"]}
	gloo("minimum-tls-version", "TLSv1_3") == set()
	gloo("maximum-tls-version", "TLS_AUTO") == set()
	gloo("one-way-tls", "yes") == {["Gloo Gateway takes true or false, not \"yes\"", "write \"true\" or \"false\""]}
	gloo("one-way-tls", "True") == set()
	gloo("cipher-suites", "A, B") == {["Gloo Gateway does not cut off the blanks of \"A, B\"", "write the list without blanks"]}
	gloo("verify-subject-alt-name", "a") == {["Secret shop/web-tls has no ca.crt by which names could be verified", "put the CA of the clients into the Secret, under ca.crt"]}
}

test_gloo_contradictions if {
	{f.effect | some f in judge("gloo-gateway", {
		"gateway.gloo.solo.io/ssl/minimum-tls-version": "TLSv1_3",
		"gateway.gloo.solo.io/ssl/maximum-tls-version": "TLSv1_2",
	})} == {"clients of listener web are served by Envoy's default versions, and only a log tells"}
	"clients of listener web are served without a certificate" in {f.effect | some f in judge("gloo-gateway", {
		"gateway.gloo.solo.io/ssl/verify-subject-alt-name": "a",
		"gateway.gloo.solo.io/ssl/one-way-tls": "TRUE",
	})}
}

kgateway(option, value) := {[f.message, f.effect] | some f in judge("kgateway", {sprintf("kgateway.dev/%s", [option]): value})}

test_kgateway if {
	refused := "clients of listener web get no connection from kgateway"
	kgateway("min-tls-version", "TLSv1_2") == {["kgateway does not know the TLS version \"TLSv1_2\"", refused]}
	kgateway("min-tls-version", "1.2") == set()
	kgateway("verify-certificate-hash", "abc") == {["it is no SHA-256 in hex, or not only", refused]}
	kgateway("verify-certificate-hash", "${HASH}") == set()
	kgateway("verify-subject-alt-names", "a") == {["spec.tls.frontend of the Gateway names no CA by which names could be verified", refused]}
}

hash := "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

test_hashes if {
	every value in [hash, sprintf(" - %s\n - %s", [hash, hash]), sprintf("%s, %s,", [hash, hash])] {
		kgateway("verify-certificate-hash", value) == set()
	}
}

test_fixes if {
	{f.fix.edits[0].value | some f in judge("kgateway", {"kgateway.dev/min-tls-version": "TLSv1.3"})} == {"1.3"}
}
