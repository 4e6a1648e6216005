package lib.istio_test

import data.lib.istio

test_hosts[name] if {
	some name, case in {
		"one": {"hosts": ["web.shop.test"], "want": "web.shop.test"},
		"of a namespace": {"hosts": ["shop/web.shop.test", "./api.shop.test"], "want": "web.shop.test and api.shop.test"},
		"all": {"hosts": ["*"], "want": "every host"},
		"all of a namespace": {"hosts": ["shop/*"], "want": "every host"},
		"none": {"hosts": [], "want": "the server"},
	}
	istio.hosts({"hosts": case.hosts}) == case.want
}

test_no_hosts if istio.hosts({}) == "the server"

test_sources if {
	istio.sources({"credentialName": "web", "serverCertificate": "", "credentialNames": [], "privateKey": "/key"}) == ["credentialName", "privateKey"]
	istio.sources({"mode": "SIMPLE"}) == []
}

test_by_credential if {
	istio.by_credential({"credentialName": "web"})
	istio.by_credential({"credentialNames": ["web"]})
	not istio.by_credential({"credentialName": "", "credentialNames": []})
	not istio.by_credential({"serverCertificate": "/cert"})
}

test_modes if {
	istio.ends & istio.passes == set()
	istio.asks - istio.ends == set()
}

test_server if {
	server := istio.server(["spec", "servers", 1, "tls"]) with input as {"object": {"spec": {"servers": [{}, {"name": "web"}]}}}
	server == {"name": "web"}
}

test_beside[name] if {
	some name, case in {
		"beside the Gateway": {"presence": "absent", "beside": "present", "namespaces": ["edge"], "want": {true}},
		"made there": {"presence": "unknown", "beside": "promised", "namespaces": ["edge"], "want": {true}},
		"in both": {"presence": "present", "beside": "present", "namespaces": ["edge"], "want": set()},
		"in none": {"presence": "absent", "beside": "absent", "namespaces": ["edge"], "want": set()},
		"where it is looked for": {"presence": "absent", "beside": "present", "namespaces": ["shop", "edge"], "want": set()},
		"nobody knows where": {"presence": "unknown", "beside": "present", "namespaces": [], "want": set()},
	}
	ref := {"presence": case.presence, "pods": {"beside": case.beside, "namespaces": case.namespaces}}
	found := {true | istio.beside(ref)} with input as {"id": {"namespace": "shop"}}
	found == case.want
}

test_protocols[protocol] if {
	some protocol, want in {"https": ["secure"], "TLS": ["secure"], "HTTP": ["plain"], "grpc-web": ["plain"], "TCP": []}
	server := {"port": {"protocol": protocol}}
	found := array.concat([name | name := "secure"; istio.secure(server)], [name | name := "plain"; istio.plain(server)])
	found == want
}

test_terminates if {
	istio.terminates({"port": {"protocol": "HTTPS"}, "tls": {"mode": "SIMPLE"}})
	istio.terminates({"port": {"protocol": "TLS"}, "tls": {"mode": "ISTIO_MUTUAL"}})
	not istio.terminates({"port": {"protocol": "HTTPS"}, "tls": {}})
	not istio.terminates({"port": {"protocol": "HTTP"}, "tls": {"mode": "SIMPLE"}})
}

test_meet[name] if {
	some name, case in {
		"the same": {"a": {"istio": "x"}, "b": {"istio": "x"}, "want": {true}},
		"one more label": {"a": {"istio": "x", "tier": "edge"}, "b": {"istio": "x"}, "want": {true}},
		"one less": {"a": {"istio": "x"}, "b": {"istio": "x", "tier": "edge"}, "want": {true}},
		"none": {"a": {}, "b": {"istio": "x"}, "want": {true}},
		"different": {"a": {"istio": "x"}, "b": {"istio": "y"}, "want": set()},
		"others": {"a": {"istio": "x"}, "b": {"app": "x"}, "want": set()},
	}
	found := {true | istio.meet({"spec": {"selector": case.a}}, {"spec": {"selector": case.b}})}
	found == case.want
}

test_together if {
	istio.together({"port": {"number": 443}}, {"port": {"number": 443}, "bind": ""})
	not istio.together({"port": {"number": 443}}, {"port": {"number": 8443}})
	not istio.together({"port": {"number": 443}, "bind": "10.0.0.1"}, {"port": {"number": 443}})
}
