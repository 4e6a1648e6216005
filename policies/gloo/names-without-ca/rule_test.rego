package policies.gloo["names-without-ca_test"]

import data.policies.gloo["names-without-ca"] as rule

judge(kind, config, presence) := {[f.message, f.remedy] | some f in findings} if {
	findings := rule.findings with input as {
		"id": {"group": "", "version": "v1", "kind": kind, "namespace": "shop", "name": "api", "label": "Upstream shop/api"},
		"object": {"spec": {"sslConfig": object.union({"verifySubjectAltName": ["api.test"]}, config)}},
		"refs": {"gloo-backend-ca": [{"path": ["spec", "sslConfig", "secretRef"], "presence": "present", "key_presence": presence}]},
	}
}

message := "there is no CA by which api.test could be verified"

test_remedies[name] if {
	some name, case in {
		"Secret": {"config": {"secretRef": {"name": "x"}}, "want": {[message, "put the CA into the Secret, under ca.crt"]}},
		"files": {"config": {"sslFiles": {"tlsCert": "x"}}, "want": {[message, "name the CA under sslFiles.rootCa"]}},
		"sds": {"config": {"sds": {"certificatesSecretName": "x"}}, "want": {[message, "name the CA under sds.validationContextName"]}},
		"nothing": {"config": {}, "want": {[message, "name a Secret with the CA under secretRef"]}},
		"a CA": {"config": {"sslFiles": {"rootCa": "x"}}, "want": set()},
	}
	judge("Upstream", case.config, "absent") == case.want
}

test_virtual_service_without_source if count(judge("VirtualService", {}, "absent")) == 0

test_sources_of_a_virtual_service if {
	every source in ["sslFiles", "secretRef", "sds"] {
		count(judge("VirtualService", {source: {"name": "x"}}, "absent")) == 1
	}
}

test_key_not_known if count(judge("Upstream", {"secretRef": {"name": "x"}}, "unknown")) == 0
