package policies.istio["gateway-cipher-suites_test"]

import data.policies.istio["gateway-cipher-suites"] as rule

judge(tls) := findings if {
	findings := rule.findings with input as {"object": {"spec": {"servers": [{"port": {"number": 443}, "hosts": ["web.shop.test"], "tls": object.union({"mode": "SIMPLE"}, tls)}]}}}
}

test_says if {
	judge({"cipherSuites": ["TLS_AES_128_GCM_SHA256"]}) == {{
		"path": ["spec", "servers", 0, "tls", "cipherSuites"],
		"message": "Istio does not take TLS_AES_128_GCM_SHA256: suites of TLS 1.3 cannot be chosen",
		"effect": "the list restricts nothing for web.shop.test, and the defaults of Envoy hold",
		"remedy": "use names that Istio takes, such as ECDHE-ECDSA-AES128-GCM-SHA256",
	}}
}

test_effect[name] if {
	some name, case in {
		"one of two": {"tls": {"cipherSuites": ["AES128-SHA", "RC4-MD5"]}, "want": {"clients of web.shop.test that know no other suite are refused"}},
		"in brackets": {"tls": {"cipherSuites": ["[AES128-SHA|RC4-MD5]"]}, "want": {"Envoy refuses the listener of port 443, with all hosts on it"}},
		"with TLS 1.3": {"tls": {"minProtocolVersion": "TLSV1_3", "cipherSuites": ["AES128-SHA"]}, "want": {"the list restricts nothing for web.shop.test"}},
		"a curve": {"tls": {"ecdhCurves": ["P-256", "secp256k1"]}, "want": {"Envoy refuses the listener of port 443, with all hosts on it"}},
		"brackets and operators": {"tls": {"cipherSuites": ["[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]", "-AES128-SHA"]}, "want": set()},
		"known ones": {"tls": {"cipherSuites": ["ECDHE-RSA-AES128-GCM-SHA256", "ALL"], "ecdhCurves": ["X25519"]}, "want": set()},
		"variables": {"tls": {"cipherSuites": ["A${SUITE}"], "ecdhCurves": ["${CURVE}"]}, "want": set()},
		"passed through": {"tls": {"mode": "PASSTHROUGH", "cipherSuites": ["a"], "ecdhCurves": ["b"]}, "want": set()},
	}
	{f.effect | some f in judge(case.tls)} == case.want
}
