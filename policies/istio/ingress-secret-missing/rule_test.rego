package policies.istio["ingress-secret-missing_test"]

import data.policies.istio["ingress-secret-missing"] as rule

ref(namespace, presence, namespaces) := {
	"path": ["spec", "tls", 0, "secretName"],
	"kind": "Secret",
	"name": "web",
	"namespace": namespace,
	"label": sprintf("Secret %s/web", [namespace]),
	"state": presence,
	"presence": presence,
	"evidence": "",
	"near": [],
	"pods": {"namespaces": namespaces, "reason": "", "setting": "istio/gateway-namespace", "written": false},
}

judge(hosts, there, own) := {[f.message, f.effect] | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": {"tls": [{"hosts": hosts, "secretName": "web"}]}},
		"refs": {"ingress-credential": [there], "server-certificate": [own]},
	}
}

test_verdict[name] if {
	some name, case in {
		"beside it": {
			"hosts": ["a.test"],
			"there": ref("istio-system", "absent", ["istio-system"]),
			"own": ref("shop", "present", []),
			"want": {["Secret istio-system/web absent; Secret shop/web present, where Istio does not look", "a.test get no TLS"]},
		},
		"nowhere": {
			"hosts": [],
			"there": ref("istio-system", "absent", ["istio-system"]),
			"own": ref("shop", "absent", []),
			"want": {["Secret istio-system/web absent", "the hosts get no TLS"]},
		},
		"perhaps": {
			"hosts": ["a.test"],
			"there": ref("", "unknown", []),
			"own": ref("shop", "promised", []),
			"want": {["Secret shop/web promised, and Istio reads it in the namespace of its gateway", "a.test get no TLS, unless a gateway runs in shop"]},
		},
		"there": {"hosts": [], "there": ref("istio-system", "present", ["istio-system"]), "own": ref("shop", "absent", []), "want": set()},
		"unknown": {"hosts": [], "there": ref("istio-system", "unknown", ["istio-system"]), "own": ref("shop", "present", []), "want": set()},
		"where gateways run": {"hosts": [], "there": ref("", "unknown", []), "own": ref("istio-ingress", "present", []), "want": set()},
	}
	judge(case.hosts, case.there, case.own) == case.want
}
