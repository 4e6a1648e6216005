package policies.istio["gateway-protocol-mismatch_test"]

import data.policies.istio["gateway-protocol-mismatch"] as rule

judge(server) := findings if {
	document := object.union({"port": {"number": 443, "protocol": "HTTPS"}, "hosts": ["web.shop.test"]}, server)
	findings := rule.findings with input as {"object": {"spec": {"servers": [document]}}}
}

test_says if {
	judge({}) == {{
		"path": ["spec", "servers", 0, "port", "protocol"],
		"message": "a server of protocol HTTPS needs tls",
		"effect": "Istio refuses the Gateway",
		"remedy": "add tls with a mode and a credentialName, or set protocol to HTTP or TCP",
	}}
}

http := {"number": 80, "protocol": "HTTP"}

test_message[name] if {
	some name, case in {
		"TLS on HTTP": {"server": {"port": http, "tls": {"mode": "SIMPLE"}}, "want": {"a server of protocol HTTP cannot have TLS of mode SIMPLE"}},
		"files on HTTP": {"server": {"port": http, "tls": {"privateKey": "/k"}}, "want": {"a server of protocol HTTP cannot have TLS settings"}},
		"TLS on TCP": {"server": {"port": {"number": 443, "protocol": "TCP"}, "tls": {"mode": "PASSTHROUGH"}}, "want": {"a server of protocol TCP cannot have TLS of mode PASSTHROUGH"}},
		"a certificate on HTTP": {"server": {"port": http, "tls": {"credentialName": "web"}}, "want": {"a server of protocol HTTP does not read credentialName"}},
		"a redirect of TLS": {"server": {"tls": {"mode": "SIMPLE", "httpsRedirect": true}}, "want": {"a server of protocol HTTPS redirects nothing"}},
		"HTTP on 443": {"server": {"port": {"number": 443, "protocol": "HTTP"}}, "want": {"the server has no TLS of its own, on the port for it"}},
		"a redirect": {"server": {"port": http, "tls": {"httpsRedirect": true, "privateKey": ""}}, "want": set()},
		"TLS": {"server": {"tls": {"mode": "SIMPLE"}}, "want": set()},
		"HTTP": {"server": {"port": http}, "want": set()},
	}
	{f.message | some f in judge(case.server)} == case.want
}
