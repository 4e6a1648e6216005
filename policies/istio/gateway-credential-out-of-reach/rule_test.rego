package policies.istio["gateway-credential-out-of-reach_test"]

import data.policies.istio["gateway-credential-out-of-reach"] as rule

path := ["spec", "servers", 0, "tls", "credentialName"]

ref := {
	"path": path,
	"role": "gateway-credential",
	"kind": "Secret",
	"namespace": "shop",
	"name": "web",
	"label": "Secret shop/web",
	"presence": "unknown",
	"pods": {"namespaces": ["edge"], "reason": "Service edge/gateway", "written": true, "beside": "unknown"},
}

judge(change) := findings if {
	reference := object.union(ref, change)
	findings := rule.findings with input as {
		"id": {"namespace": "shop"},
		"object": {"spec": {"servers": [{"hosts": ["web.shop.test"]}]}},
		"refs": {reference.role: [reference]},
	}
}

test_written if {
	judge({}) == {{
		"path": path,
		"message": "Secret shop/web is in another namespace than edge (Service edge/gateway)",
		"effect": "TLS handshakes with web.shop.test are reset",
		"remedy": "keep the Secret in namespace edge, and refer to it by its name alone",
	}}
}

beside := {
	"namespace": "edge",
	"label": "Secret edge/web",
	"presence": "absent",
	"pods": {"written": false, "beside": "present"},
}

test_beside if {
	judge(beside) == {{
		"path": path,
		"message": "Secret shop/web is beside the Gateway, and the pods of the gateway run in edge (Service edge/gateway)",
		"effect": "TLS handshakes with web.shop.test are reset",
		"remedy": "keep the Secret in namespace edge",
		"related": [{"group": "", "kind": "Secret", "namespace": "shop", "name": "web", "path": ["metadata", "name"], "message": "nobody reads it"}],
		"severity": "error",
	}}
}

ca := {"role": "gateway-client-ca", "path": ["spec", "servers", 0, "tls", "caCertCredentialName"]}

test_ca if {
	{f.effect | some f in judge(ca)} == {"no client of web.shop.test can be verified, and all are refused"}
	{f.effect | some f in judge(object.union(beside, ca))} == {"no client of web.shop.test can be verified, and all are refused"}
}

test_perhaps_in_both if {
	{f.severity | some f in judge(object.union(beside, {"presence": "unknown"}))} == {"warning"}
}

test_silent[name] if {
	some name, change in {
		"the namespace of the pods": {"namespace": "edge"},
		"not written": {"pods": {"written": false}},
		"nobody knows where": {"pods": {"namespaces": []}},
		"a ConfigMap": {"kind": "ConfigMap"},
		"a variable": {"label": "Secret ${NAMESPACE}/web"},
		"the CA of a certificate that was spoken of": {"role": "gateway-client-ca"},
		"the CA of one beside": object.union(beside, {"role": "gateway-client-ca"}),
		"missing everywhere": object.union(beside, {"pods": {"beside": "absent"}}),
	}
	judge(change) == set()
}
