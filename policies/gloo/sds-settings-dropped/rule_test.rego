package policies.gloo["sds-settings-dropped_test"]

import data.policies.gloo["sds-settings-dropped"] as rule

judge(kind, config) := {f.message | some f in findings} if {
	findings := rule.findings with input as {
		"id": {"group": "", "version": "v1", "kind": kind, "namespace": "shop", "name": "api", "label": "Upstream shop/api"},
		"object": {"spec": {"sslConfig": config}},
	}
}

sds := {"sds": {"certificatesSecretName": "a"}}

test_settings if {
	judge("Upstream", object.union(sds, {"parameters": {"cipherSuites": ["a"]}})) == {"Gloo drops parameters beside sds"}
	judge("Upstream", object.union(sds, {"oneWayTls": true})) == {"oneWayTls of an Upstream does nothing beside sds"}
	count(judge("VirtualService", object.union(sds, {"oneWayTls": true}))) == 0
	count(judge("Upstream", {"parameters": {"cipherSuites": ["a"]}})) == 0
}
