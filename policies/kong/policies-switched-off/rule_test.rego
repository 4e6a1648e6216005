package policies.kong["policies-switched-off_test"]

import data.policies.kong["policies-switched-off"] as rule

policy(gates, certainty) := {
	"controllers": {"kong": {"certainty": "known"}},
	"settings": {"kong": {"feature-gates": {"value": gates, "certainty": certainty}}},
	"refs": {"policy-target": [{"label": "Service shop/api"}]},
}

test_off if {
	findings := rule.findings with input as policy("FallbackConfiguration=true", "known")
	findings == {{
		"path": ["spec", "targetRefs"],
		"message": "Kong reads BackendTLSPolicies with the feature gate GatewayAlpha only, and its gates are \"FallbackConfiguration=true\"",
		"effect": "requests to Service shop/api are sent unencrypted",
		"remedy": "set the gate GatewayAlpha=true, or annotate the Service for Kong (konghq.com/protocol: https, konghq.com/tls-verify)",
	}}
}

test_gates[gates] if {
	some gates, want in {"": 1, "GatewayAlpha=false": 1, "GatewayAlpha=true": 0, "FallbackConfiguration=true,GatewayAlpha=true": 0}
	findings := rule.findings with input as policy(gates, "known")
	count(findings) == want
}

test_not_known if {
	findings := rule.findings with input as policy("", "assumed")
	count(findings) == 0
}
