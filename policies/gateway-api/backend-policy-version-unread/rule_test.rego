package policies["gateway-api"]["backend-policy-version-unread_test"]

import data.policies["gateway-api"]["backend-policy-version-unread"] as rule

judge(version, controller) := findings if {
	findings := rule.findings with input as {
		"id": {"version": version},
		"controllers": {controller: {"certainty": "known"}},
		"refs": {"policy-target": [{"label": "Service shop/api"}]},
	}
}

test_finding if {
	judge("v1", "kong") == {{
		"path": ["apiVersion"],
		"message": "Kong reads BackendTLSPolicies as v1alpha3 only, and with the feature gate GatewayAlpha, not as v1",
		"effect": "requests to Service shop/api are sent unencrypted",
		"remedy": "install the experimental CRDs, set the gate and write v1alpha3, or annotate the Service for Kong (konghq.com/protocol: https, konghq.com/tls-verify)",
	}}
}

test_others if {
	count(judge("v1alpha2", "kong")) == 1
	judge("v1alpha3", "kong") == set()
	judge("v1", "istio") == set()
}

test_istio[name] if {
	some name, case in {
		"v1": {"version": "v1", "release": "", "want": 0},
		"v1alpha3": {"version": "v1alpha3", "release": "", "want": 1},
		"v1, before": {"version": "v1", "release": "1.27", "want": 1},
		"v1alpha3, before": {"version": "v1alpha3", "release": "1.27", "want": 0},
	}
	findings := rule.findings with input as {
		"id": {"version": case.version},
		"controllers": {"istio": {"certainty": "known"}},
		"settings": {"istio": {"version": {"value": case.release}}},
		"refs": {},
	}
	count(findings) == case.want
}
