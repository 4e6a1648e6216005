package policies.gloo["client-certificate-implied_test"]

import data.policies.gloo["client-certificate-implied"] as rule

judge(config, ref, settings) := {[f.message, f.severity] | some f in findings} if {
	findings := rule.findings with input as {
		"id": {"group": "", "version": "v1", "kind": "VirtualService", "namespace": "shop", "name": "web", "label": "VirtualService shop/web"},
		"object": {"spec": {"sslConfig": object.union({"secretRef": {"name": "web-tls"}}, config)}},
		"refs": {"gloo-client-ca": [object.union(
			{"path": ["spec", "sslConfig", "secretRef"], "label": "Secret shop/web-tls", "key_presence": "promised"},
			ref,
		)]},
		"peers": {"settings": [{"object": {"spec": settings}}]},
	}
}

made := {"producer": {"label": "Certificate shop/web"}}

message := "Secret shop/web-tls has a ca.crt, and oneWayTls is not stated"

test_sections[name] if {
	some name, case in {
		"made": {"config": {}, "ref": made, "settings": {}, "want": {[message, "warning"]}},
		"by hand": {"config": {}, "ref": {"key_presence": "present"}, "settings": {}, "want": {[message, "info"]}},
		"stated": {"config": {"oneWayTls": false}, "ref": made, "settings": {}, "want": set()},
		"meant": {"config": {"verifySubjectAltName": ["a"]}, "ref": made, "settings": {}, "want": set()},
		"for all": {"config": {}, "ref": made, "settings": {"gateway": {"virtualServiceOptions": {"oneWayTls": true}}}, "want": set()},
		"no CA": {"config": {}, "ref": {"key_presence": "absent"}, "settings": {}, "want": set()},
	}
	judge(case.config, case.ref, case.settings) == case.want
}
