package policies["gateway-api"]["backend-ca-kind-unread_test"]

import data.policies["gateway-api"]["backend-ca-kind-unread"] as rule

ref(i, kind) := {"path": ["spec", "validation", "caCertificateRefs", i], "kind": kind}

judge(refs, controllers) := findings if {
	findings := rule.findings with input as {
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"backend-ca": refs, "policy-target": [{"label": "Service shop/api"}]},
	}
}

test_finding if {
	judge([ref(0, "Secret")], ["istio"]) == {{
		"path": ["spec", "validation", "caCertificateRefs", 0, "kind"],
		"message": "Istio reads no CA from a Secret, only from ConfigMaps",
		"effect": "requests to Service shop/api fail with 5xx",
		"remedy": "put the CA under ca.crt into a ConfigMap, and refer to that",
	}}
}

test_kinds[name] if {
	some name, case in {
		"a Secret": {"kind": "Secret", "want": {"istio", "cilium"}},
		"a ClusterTrustBundle": {"kind": "ClusterTrustBundle", "want": {"istio", "cilium", "kong", "traefik", "kgateway", "nginx-gateway-fabric"}},
		"a ConfigMap": {"kind": "ConfigMap", "want": set()},
		"a kind that nobody reads": {"kind": "Certificate", "want": set()},
	}
	all := {"envoy-gateway", "istio", "cilium", "kong", "traefik", "kgateway", "nginx-gateway-fabric"}
	{controller | some controller in all; count(judge([ref(0, case.kind)], [controller])) == 1} == case.want
}

test_kong if {
	{f.effect | some f in judge([ref(0, "ClusterTrustBundle")], ["kong"])} == {"requests to Service shop/api are sent unencrypted"}
}

test_each if count(judge([ref(0, "Secret"), ref(1, "Secret")], ["cilium"])) == 2

# What is not taken cannot fail.
test_first_only if {
	{f.path[3] | some f in judge([ref(0, "Secret"), ref(1, "Secret")], ["istio"])} == {0}
	judge([ref(0, "ConfigMap"), ref(1, "Secret")], ["istio"]) == set()
}

test_nobody_known if judge([ref(0, "Secret")], ["example.com/own"]) == set()
