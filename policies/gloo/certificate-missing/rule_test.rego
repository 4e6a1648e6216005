package policies.gloo["certificate-missing_test"]

import data.policies.gloo["certificate-missing"] as rule

judge(config) := {f.message | some f in findings} if {
	findings := rule.findings with input as {
		"id": {"group": "", "version": "v1", "kind": "VirtualService", "namespace": "shop", "name": "web", "label": "VirtualService shop/web"},
		"object": {"spec": {"sslConfig": config}},
	}
}

test_configs[name] if {
	some name, case in {
		"nothing": {"config": {"sniDomains": ["a.test"]}, "want": {"there is neither secretRef nor sslFiles nor sds"}},
		"files": {"config": {"sslFiles": {"rootCa": "/ca"}}, "want": {"sslFiles names no certificate with its key"}},
		"sds": {"config": {"sds": {"clusterName": "sds"}}, "want": {"sds names neither certificatesSecretName nor validationContextName"}},
		"sds that is fine": {"config": {"sds": {"certificatesSecretName": "web"}}, "want": set()},
		"a Secret": {"config": {"secretRef": {"name": "web"}}, "want": set()},
	}
	judge(case.config) == case.want
}

test_hybrid_gateway if {
	findings := rule.findings with input as {
		"id": {"group": "", "version": "v1", "kind": "VirtualService", "namespace": "shop", "name": "web", "label": "VirtualService shop/web"},
		"object": {"spec": {"sslConfig": {"sniDomains": ["a.test"]}}},
		"peers": {"gateway": [{"object": {"spec": {"hybridGateway": {}}}}]},
	}
	count(findings) == 0
}
