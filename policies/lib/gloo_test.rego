package lib.gloo_test

import data.lib.gloo

id(kind) := {"group": "", "version": "v1", "kind": kind, "namespace": "shop", "name": "api", "label": sprintf("%s shop/api", [kind])}

test_sections if {
	found := gloo.sections with input as {"object": {"spec": {
		"sslConfig": {"sni": "a"},
		"tcpGateway": {"tcpHosts": [{"name": "a"}, {"name": "b", "sslConfig": {"oneWayTls": true}}]},
	}}}
	found == {
		{"path": ["spec", "sslConfig"], "config": {"sni": "a"}},
		{"path": ["spec", "tcpGateway", "tcpHosts", 1, "sslConfig"], "config": {"oneWayTls": true}},
	}
}

lacks(config, presence) if {
	gloo.lacks_ca({"path": ["spec", "sslConfig"], "config": config}) with input as {"refs": {"gloo-client-ca": [{
		"path": ["spec", "sslConfig", "secretRef"],
		"presence": "present",
		"key_presence": presence,
	}]}}
}

test_lacks_ca if {
	lacks({"secretRef": {"name": "a"}}, "absent")
	not lacks({"secretRef": {"name": "a"}}, "unknown")
	lacks({"sslFiles": {"rootCa": ""}}, "present")
	not lacks({"sslFiles": {"rootCa": "/ca"}}, "present")
	lacks({"sds": {"certificatesSecretName": "a"}}, "present")
	not lacks({"sds": {"validationContextName": "a"}}, "present")
	lacks({}, "present")
}

unresolved(kind, spec, settings) := effect if {
	effect := gloo.unresolved(["spec", "sslConfig"]) with input as {
		"id": id(kind),
		"object": {"spec": spec},
		"peers": {"settings": [{"object": {"spec": s}} | some s in settings]},
	}
}

test_unresolved if {
	unresolved("Upstream", {}, []) == "requests to Upstream shop/api are sent unencrypted"
	unresolved("Upstream", {}, [{}]) == "requests to Upstream shop/api get 503"
	unresolved("Upstream", {}, [{}, {"gateway": {"validation": {"warnMissingTlsSecret": true}}}]) == "requests to Upstream shop/api are sent unencrypted"
	unresolved("Upstream", {"static": {"useTls": true}}, []) == "requests to Upstream shop/api are encrypted for whomever answers, without a client certificate"
	unresolved("Upstream", {"static": {"useTls": false, "hosts": [{"port": 443}]}}, []) == "requests to Upstream shop/api are sent unencrypted"
	unresolved("Upstream", {"static": {"hosts": [{"port": 443}]}}, [{}]) == "requests to Upstream shop/api get 503"
	unresolved("VirtualService", {}, []) == "clients of VirtualService shop/api get no TLS connection"
}

clients(kind, spec, path) := whom if {
	whom := gloo.clients(path) with input as {"id": id(kind), "object": {"spec": spec}}
}

test_clients if {
	clients("VirtualService", {"sslConfig": {"sniDomains": ["a.test", "b.test"]}}, []) == "clients of a.test and b.test"
	clients("VirtualService", {"sslConfig": {}}, []) == "clients of VirtualService shop/api"
	tcp := {"tcpGateway": {"tcpHosts": [{"name": "db"}, {}]}}
	clients("Gateway", tcp, ["spec", "tcpGateway", "tcpHosts", 0, "sslConfig"]) == "clients of TcpHost db"
	clients("Gateway", tcp, ["spec", "tcpGateway", "tcpHosts", 1, "sslConfig"]) == "clients of TcpHost 1"
	clients("Gateway", tcp, ["spec", "hybridGateway", "matchedGateways", 1]) == "clients of this Gateway"
}

service := {"metadata": {"name": "web", "namespace": "shop", "labels": {"edge": "public", "app": "web"}}, "spec": {}}

test_takes[name] if {
	some name, case in {
		"all": {"http": {}, "want": 1},
		"listed": {"http": {"virtualServices": [{"name": "web", "namespace": "shop"}]}, "want": 1},
		"not listed": {"http": {"virtualServices": [{"name": "web", "namespace": "other"}]}, "want": 0},
		"by label": {"http": {"virtualServiceSelector": {"edge": "public"}}, "want": 1},
		"by label, not by list": {"http": {"virtualServiceSelector": {"edge": "public"}, "virtualServices": [{"name": "x", "namespace": "x"}]}, "want": 1},
		"by another label": {"http": {"virtualServiceSelector": {"edge": "private"}}, "want": 0},
		"namespace": {"http": {"virtualServiceNamespaces": ["shop"]}, "want": 1},
		"all namespaces": {"http": {"virtualServiceNamespaces": ["*"]}, "want": 1},
		"another namespace": {"http": {"virtualServiceNamespaces": ["other"]}, "want": 0},
		"expressions": {"http": {"virtualServiceExpressions": {"expressions": []}}, "want": 0},
	}
	count([1 | gloo.takes({"spec": {"ssl": true, "httpGateway": case.http}}, service)]) == case.want
}

test_plain_gateway if not gloo.takes({"spec": {"httpGateway": {}}}, service)

together(gateways, other) := certainty if {
	certainty := gloo.together(other) with input as {"object": service, "peers": {"gateway": [{"object": {"spec": g}} | some g in gateways]}}
}

test_together if {
	other := json.patch(service, [{"op": "replace", "path": "metadata/name", "value": "other"}])
	together([], other) == "assumed"
	together([{"ssl": false, "httpGateway": {}}], other) == "assumed"
	together([{"ssl": true, "httpGateway": {}}], other) == "known"
	not together([{"ssl": true, "httpGateway": {"virtualServices": [{"name": "web", "namespace": "shop"}]}}], other)
	not together([], json.patch(service, [{"op": "replace", "path": "metadata/namespace", "value": "other"}]))
	not together([], json.patch(service, [{"op": "replace", "path": "metadata/labels/edge", "value": "private"}]))
}

test_versions if gloo.versions.TLSv1_2 < gloo.versions.TLSv1_3

test_implied_severity if {
	gloo.implied_severity({"producer": {}}) == "warning"
	gloo.implied_severity({}) == "info"
}
