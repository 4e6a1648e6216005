package policies.kong["annotation-misplaced_test"]

import data.policies.kong["annotation-misplaced"] as rule

ingress(annotations, theirs) := {
	"id": {"kind": "Ingress"},
	"controllers": {"kong": {"certainty": "known"}},
	"object": {"metadata": {"annotations": annotations}},
	"refs": {"kong-backend": [{"object": {"metadata": {"annotations": theirs}}}]},
}

test_on_an_ingress if {
	findings := rule.findings with input as ingress({"konghq.com/protocol": "https", "konghq.com/preserve-host": "false"}, {"konghq.com/plugins": "limit"})
	findings == {{
		"path": ["metadata", "annotations", "konghq.com/protocol"],
		"message": "Kong reads konghq.com/protocol on a Service, and not on an Ingress",
		"effect": "requests to its backends are sent unencrypted, unless their Services say otherwise",
		"remedy": "annotate the Service with it",
	}}
}

test_on_a_service if {
	findings := rule.findings with input as {"id": {"kind": "Service"}, "object": {"metadata": {"annotations": {"konghq.com/snis": "api.shop.test", "konghq.com/protocol": "https"}}}}
	{f.message | some f in findings} == {"Kong reads konghq.com/snis on Ingresses and routes, and not on a Service"}
}

test_silent[name] if {
	some name, document in {
		"the Service has it too": ingress({"konghq.com/protocol": "https"}, {"konghq.com/protocol": "https"}),
		"nothing is asked for": ingress({"konghq.com/protocol": "http", "konghq.com/tls-verify": "false"}, {}),
		"another controller": json.remove(ingress({"konghq.com/protocol": "https"}, {}), ["controllers/kong"]),
	}
	findings := rule.findings with input as document
	count(findings) == 0
}
