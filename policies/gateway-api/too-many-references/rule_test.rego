package policies["gateway-api"]["too-many-references_test"]

import data.policies["gateway-api"]["too-many-references"] as rule

test_verdict[name] if {
	some name, case in {
		"three certificates": {
			"spec": {"listeners": [{"name": "web", "protocol": "HTTPS", "tls": {"certificateRefs": [1, 2, 3]}}]},
			"want": {[["spec", "listeners", 0, "tls", "certificateRefs"], "Istio takes 2 certificates for a listener, not 3"]},
		},
		"three that are ignored": {
			"spec": {"listeners": [{"name": "web", "protocol": "TLS", "tls": {"mode": "Passthrough", "certificateRefs": [1, 2, 3]}}]},
			"want": set(),
		},
		"two": {"spec": {"listeners": [{"name": "web", "protocol": "HTTPS", "tls": {"certificateRefs": [1, 2]}}]}, "want": set()},
		"two CAs": {
			"spec": {"listeners": [], "tls": {"frontend": {
				"default": {"validation": {"caCertificateRefs": [1, 2]}},
				"perPort": [{"port": 443, "tls": {"validation": {"caCertificateRefs": [1]}}}, {"port": 8443, "tls": {"validation": {"caCertificateRefs": [1, 2, 3]}}}],
			}}},
			"want": {
				[["spec", "tls", "frontend", "default", "validation", "caCertificateRefs"], "Istio takes 1 CA, not 2"],
				[["spec", "tls", "frontend", "perPort", 1, "tls", "validation", "caCertificateRefs"], "Istio takes 1 CA, not 3"],
			},
		},
	}
	findings := rule.findings with input as {"object": {"spec": case.spec}}
	{[f.path, f.message] | some f in findings} == case.want
}
