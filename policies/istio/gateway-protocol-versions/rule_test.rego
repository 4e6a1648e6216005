package policies.istio["gateway-protocol-versions_test"]

import data.policies.istio["gateway-protocol-versions"] as rule

judge(tls, parameters) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"servers": [{"hosts": ["web.shop.test"], "tls": object.union({"mode": "SIMPLE"}, tls)}]}},
		"params": {"istio/gateway-protocol-versions": parameters},
	}
}

test_excluded if {
	judge({"minProtocolVersion": "TLSV1_3", "maxProtocolVersion": "TLSV1_2"}, {}) == {{
		"path": ["spec", "servers", 0, "tls", "maxProtocolVersion"],
		"message": "maxProtocolVersion is TLSV1_2, and minProtocolVersion TLSV1_3",
		"effect": "every TLS handshake with web.shop.test fails",
		"remedy": "set minProtocolVersion to TLSV1_2 and remove maxProtocolVersion",
	}}
}

test_message[name] if {
	some name, case in {
		"below the least": {"tls": {"maxProtocolVersion": "TLSV1_1"}, "want": {"maxProtocolVersion is TLSV1_1, and without minProtocolVersion TLSV1_2 is the least"}},
		"below the automatic least": {"tls": {"minProtocolVersion": "TLS_AUTO", "maxProtocolVersion": "TLSV1_0"}, "want": {"maxProtocolVersion is TLSV1_0, and without minProtocolVersion TLSV1_2 is the least"}},
		"old": {"tls": {"minProtocolVersion": "TLSV1_0"}, "want": {"minProtocolVersion is TLSV1_0, and without cipherSuites no client can use it"}},
		"old with suites": {"tls": {"minProtocolVersion": "TLSV1_1", "cipherSuites": ["AES128-SHA"]}, "want": {"minProtocolVersion is TLSV1_1"}},
		"only old": {"tls": {"minProtocolVersion": "TLSV1_0", "maxProtocolVersion": "TLSV1_1"}, "want": {"no version after TLSV1_1 is taken"}},
		"current": {"tls": {"minProtocolVersion": "TLSV1_2", "maxProtocolVersion": "TLSV1_3"}, "want": set()},
		"automatic": {"tls": {"maxProtocolVersion": "TLS_AUTO"}, "want": set()},
		"passed through": {"tls": {"mode": "PASSTHROUGH", "minProtocolVersion": "TLSV1_0"}, "want": set()},
	}
	{f.message | some f in judge(case.tls, {})} == case.want
}

test_fix if {
	{f.fix.edits | some f in judge({"minProtocolVersion": "TLSV1_0"}, {"inject": "always"})} == {[{"op": "set", "path": ["spec", "servers", 0, "tls", "minProtocolVersion"], "value": "TLSV1_2"}]}
	count([f | some f in judge({"minProtocolVersion": "TLSV1_0"}, {"inject": "never"}); f.fix]) == 0
}
