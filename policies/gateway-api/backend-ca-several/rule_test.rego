package policies["gateway-api"]["backend-ca-several_test"]

import data.policies["gateway-api"]["backend-ca-several"] as rule

ref(i, name) := {"path": ["spec", "validation", "caCertificateRefs", i], "label": sprintf("ConfigMap shop/%s", [name])}

judge(refs, controllers) := findings if {
	findings := rule.findings with input as {
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"backend-ca": refs, "policy-target": [{"label": "Service shop/api"}]},
	}
}

test_refused if {
	judge([ref(0, "a"), ref(1, "b")], ["cilium"]) == {{
		"path": ["spec", "validation", "caCertificateRefs", 1],
		"message": "Cilium refuses a policy with more than one CA reference",
		"effect": "requests to Service shop/api fail with 5xx",
		"remedy": "put all CAs into one ConfigMap under ca.crt, and refer to that alone",
	}}
}

test_first if {
	judge([ref(0, "a"), ref(1, "b"), ref(2, "c")], ["istio"]) == {{
		"path": ["spec", "validation", "caCertificateRefs", 1],
		"message": "Istio takes the first CA reference only, ConfigMap shop/a, and not ConfigMap shop/b and ConfigMap shop/c",
		"effect": "requests to Service shop/api fail with 5xx where its certificate is of an ignored CA",
		"remedy": "put all CAs into one ConfigMap under ca.crt, and refer to that alone",
		"severity": "warning",
	}}
}

test_controllers if {
	all := {"envoy-gateway", "istio", "cilium", "kong", "traefik", "kgateway", "nginx-gateway-fabric"}
	speaking := {controller | some controller in all; count(judge([ref(0, "a"), ref(1, "b")], [controller])) == 1}
	speaking == {"istio", "cilium", "kgateway", "nginx-gateway-fabric"}
}

test_one if {
	judge([ref(0, "a")], ["istio", "cilium"]) == set()
	judge([], ["istio", "cilium"]) == set()
}
