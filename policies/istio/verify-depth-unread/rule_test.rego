package policies.istio["verify-depth-unread_test"]

import data.policies.istio["verify-depth-unread"] as rule

judge(annotations) := findings if {
	findings := rule.findings with input as {"id": {"group": "networking.istio.io"}, "object": {"metadata": {"annotations": annotations}}}
}

test_says if {
	judge({"konghq.com/tls-verify-depth": "2"}) == {{
		"path": ["metadata", "annotations", "konghq.com/tls-verify-depth"],
		"message": "Istio does not read konghq.com/tls-verify-depth, and has no other field for it",
		"effect": "chains of up to 100 certificates above the first are taken, as Envoy has it",
		"remedy": "remove the annotation",
	}}
}

test_silent if judge({"nginx.ingress.kubernetes.io/auth-tls-secret": "shop/ca"}) == set()
