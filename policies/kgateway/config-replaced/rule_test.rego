package policies.kgateway["config-replaced_test"]

import data.policies.kgateway["config-replaced"] as rule

judge(spec, ref) := {[f.message, f.effect] | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": object.union({"targetRefs": [{"kind": "Service", "name": "api"}]}, spec)},
		"refs": {"kgateway-client-certificate": [ref]},
		"peers": {"backend-policy": [{
			"path": ["spec", "targetRefs", 0], "label": "BackendTLSPolicy shop/api", "group": "gateway.networking.k8s.io",
			"kind": "BackendTLSPolicy", "namespace": "shop", "name": "api",
		}]},
	}
}

message := "BackendTLSPolicy shop/api is for api too, and comes first"

test_effects if {
	judge({"tls": {"sni": "a"}}, {"in_force": true, "key_presence": "absent"}) == {[message, "none of these TLS settings holds"]}
	judge({"tls": {"sni": "a"}}, {"in_force": true, "key_presence": "present"}) == {[message, "backends that ask for a client certificate refuse the gateway"]}
	judge({"connectTimeout": "5s"}, {"in_force": true, "key_presence": "absent"}) == set()
}
