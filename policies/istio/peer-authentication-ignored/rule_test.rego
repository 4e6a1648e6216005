package policies.istio["peer-authentication-ignored_test"]

import data.policies.istio["peer-authentication-ignored"] as rule

judge(namespace, spec) := {[object.get(f, "severity", "error"), f.path[1], f.effect] | some f in findings} if {
	findings := rule.findings with input as {"id": {"namespace": namespace}, "object": {"spec": spec}}
}

selecting(spec) := object.union({"selector": {"matchLabels": {"app": "api"}}}, spec)

mode(name) := {"mtls": {"mode": name}}

test_verdict[name] if {
	some name, case in {
		"ports": {
			"namespace": "shop", "spec": {"portLevelMtls": {"80": {"mode": "STRICT"}}},
			"want": {["error", "portLevelMtls", "Istio refuses the PeerAuthentication"]},
		},
		"ports of pods": {"namespace": "shop", "spec": selecting({"portLevelMtls": {"80": {}}}), "want": set()},
		"pods of the root": {
			"namespace": "istio-system", "spec": selecting(mode("STRICT")),
			"want": {["warning", "selector", "the pods that it selects are not held to mode STRICT"]},
		},
		"pods": {"namespace": "shop", "spec": selecting(mode("STRICT")), "want": set()},
	}
	judge(case.namespace, case.spec) == case.want
}
