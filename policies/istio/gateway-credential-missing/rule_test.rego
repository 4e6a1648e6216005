package policies.istio["gateway-credential-missing_test"]

import data.policies.istio["gateway-credential-missing"] as rule

path := ["spec", "servers", 0, "tls", "credentialName"]

ref := {
	"path": path,
	"kind": "Secret",
	"namespace": "edge",
	"name": "web",
	"label": "Secret edge/web",
	"presence": "absent",
	"evidence": "complete",
	"state": "does not exist",
	"near": [],
}

judge(change) := findings if {
	findings := rule.findings with input as {
		"id": {"namespace": "shop"},
		"object": {"spec": {"servers": [{"hosts": ["web.shop.test"]}]}},
		"refs": {"gateway-credential": [object.union(ref, change)]},
	}
}

test_says if {
	judge({}) == {{
		"path": path,
		"message": "Secret edge/web does not exist",
		"effect": "TLS handshakes with web.shop.test are reset",
		"remedy": "create the Secret in namespace edge, where the gateway runs",
		"severity": "error",
	}}
}

test_severity[evidence] if {
	some evidence in ["near-miss", "siblings"]
	{f.severity | some f in judge({"evidence": evidence})} == {"warning"}
}

test_silent[name] if {
	some name, change in {
		"there": {"presence": "present"},
		"nobody knows": {"presence": "unknown"},
		"a ConfigMap": {"kind": "ConfigMap"},
		"beside the Gateway": {"pods": {"beside": "present", "namespaces": ["edge"]}},
	}
	judge(change) == set()
}
