package policies["ingress-nginx"]["ciphers-unusable_test"]

import data.policies["ingress-nginx"]["ciphers-unusable"] as rule

judge(annotations, refs) := {[f.path[2], f.message] | some f in findings} if {
	document := {
		"object": {"metadata": {"annotations": {sprintf("nginx.ingress.kubernetes.io/%s", [name]): value | some name, value in annotations}}},
		"refs": refs,
	}
	findings := rule.findings with input as document
}

ca(presence, key) := {"upstream-ca": [{"presence": presence, "key_presence": key}]}

test_clients if {
	judge({"ssl-ciphers": "TLS_AES_128_GCM_SHA256"}, {}) == {[
		"nginx.ingress.kubernetes.io/ssl-ciphers", "OpenSSL has no cipher of TLS 1.2 or below in the list \"TLS_AES_128_GCM_SHA256\"",
	]}
}

test_blank if {
	judge({"ssl-ciphers": "HIGH !aNULL"}, {}) == {[
		"nginx.ingress.kubernetes.io/ssl-ciphers", "a blank ends what nginx takes for the list of ciphers \"HIGH !aNULL\"",
	]}
}

test_backends[name] if {
	some name, case in {
		"a CA": {"refs": ca("present", "present"), "want": 1},
		"a CA on its way": {"refs": ca("promised", "unknown"), "want": 1},
		"a Secret without a CA": {"refs": ca("present", "absent"), "want": 0},
		"a Secret that is missing": {"refs": ca("absent", "unknown"), "want": 0},
		"no Secret": {"refs": {}, "want": 0},
	}
	count(judge({"proxy-ssl-ciphers": "TLS_AES_128_GCM_SHA256"}, case.refs)) == case.want
}

test_silent[name] if {
	some name, annotations in {
		"a good list": {"ssl-ciphers": "ECDHE-RSA-AES128-GCM-SHA256:HIGH:!aNULL"},
		"blanks around it": {"ssl-ciphers": " HIGH:!aNULL "},
		"nothing": {"ssl-ciphers": " "},
		"characters that ingress-nginx refuses": {"ssl-ciphers": "${CIPHERS}"},
		"a canary": {"ssl-ciphers": "FOO", "canary": "true"},
		"a level of security for backends": {"proxy-ssl-ciphers": "@SECLEVEL=2"},
	}
	judge(annotations, ca("present", "present")) == set()
}
