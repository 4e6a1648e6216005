package policies["gateway-api"]["backend-policy-switched-off_test"]

import data.policies["gateway-api"]["backend-policy-switched-off"] as rule

judge(value, controller) := findings if {
	findings := rule.findings with input as {
		"object": {"metadata": {"annotations": {"istio.io/ignore-policy-attachment": value}}},
		"controllers": {controller: {"certainty": "known"}},
		"refs": {"policy-target": [{"label": "Service shop/api"}]},
	}
}

test_finding if {
	judge("true", "istio") == {{
		"path": ["metadata", "annotations", "istio.io/ignore-policy-attachment"],
		"message": "the annotation has Istio ignore the policy",
		"effect": "requests to Service shop/api are sent unencrypted unless a DestinationRule sets TLS up",
		"remedy": "remove the annotation, or the policy",
	}}
}

test_others if {
	judge("false", "istio") == set()
	judge("true", "traefik") == set()
}
