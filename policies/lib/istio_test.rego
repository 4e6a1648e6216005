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
