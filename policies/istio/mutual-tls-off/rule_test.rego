package policies.istio["mutual-tls-off_test"]

import data.policies.istio["mutual-tls-off"] as rule

judge(namespace, spec) := {[f.severity, f.effect] | some f in findings} if {
	findings := rule.findings with input as {"id": {"namespace": namespace}, "object": {"spec": spec}}
}

test_verdict[name] if {
	some name, case in {
		"the mesh": {"namespace": "istio-system", "spec": {"mtls": {"mode": "DISABLE"}}, "want": {["warning", off("all pods of the mesh")]}},
		"a namespace": {"namespace": "shop", "spec": {"mtls": {"mode": "DISABLE"}}, "want": {["warning", off("all pods of namespace shop")]}},
		"no namespace": {"namespace": "", "spec": {"mtls": {"mode": "DISABLE"}}, "want": {["warning", off("all pods of its namespace")]}},
		"some pods": {
			"namespace": "shop",
			"spec": {"selector": {"matchLabels": {"app": "api"}}, "mtls": {"mode": "DISABLE"}},
			"want": {["info", off("the pods that it selects")]},
		},
		"strict": {"namespace": "shop", "spec": {"mtls": {"mode": "STRICT"}}, "want": set()},
		"a port": {"namespace": "shop", "spec": {"portLevelMtls": {"80": {"mode": "DISABLE"}}}, "want": set()},
	}
	judge(case.namespace, case.spec) == case.want
}

off(pods) := sprintf("requests to %s are sent unencrypted, and nobody's identity is known", [pods])
