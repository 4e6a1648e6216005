package policies.istio["destination-rules-conflict_test"]

import data.policies.istio["destination-rules-conflict"] as rule

peer(namespace, age, spec) := {
	"label": "DestinationRule other",
	"group": "networking.istio.io",
	"kind": "DestinationRule",
	"namespace": namespace,
	"name": "other",
	"their_path": ["spec", "host"],
	"age": age,
	"object": {"spec": spec},
}

simple := {"trafficPolicy": {"tls": {"mode": "SIMPLE"}}}

document(peer) := {
	"id": {"namespace": "shop"},
	"object": {"spec": object.union(simple, {"host": "db"})},
	"peers": {"destination-rule": [peer]},
}

test_peer[name] if {
	some name, case in {
		"another mode": {"peer": peer("shop", "older", {"trafficPolicy": {"tls": {"mode": "DISABLE"}}}), "want": 1},
		"no TLS": {"peer": peer("shop", "unknown", {"trafficPolicy": {"loadBalancer": {}}}), "want": 1},
		"a port": {"peer": peer("shop", "older", object.union(simple, {"trafficPolicy": {"portLevelSettings": [{"port": {"number": 80}, "tls": {}}]}})), "want": 1},
		"exported alike": {"peer": peer("shop", "older", {"exportTo": ["*"], "trafficPolicy": {"tls": {"mode": "DISABLE"}}}), "want": 1},
		"newer": {"peer": peer("shop", "newer", {"trafficPolicy": {}}), "want": 0},
		"the same TLS": {"peer": peer("shop", "older", simple), "want": 0},
		"no policy": {"peer": peer("shop", "older", {}), "want": 0},
		"another namespace": {"peer": peer("front", "older", {"trafficPolicy": {}}), "want": 0},
		"other clients": {"peer": peer("shop", "older", {"workloadSelector": {"matchLabels": {"app": "web"}}, "trafficPolicy": {}}), "want": 0},
		"exported elsewhere": {"peer": peer("shop", "older", {"exportTo": ["."], "trafficPolicy": {}}), "want": 0},
	}
	findings := rule.findings with input as document(case.peer)
	count(findings) == case.want
}

test_severity[name] if {
	some name, case in {"set": {"namespace": "shop", "want": "error"}, "not set": {"namespace": "", "want": "warning"}}
	document := {
		"id": {"namespace": case.namespace},
		"object": {"spec": {"host": "db", "trafficPolicy": {"tls": {"mode": "SIMPLE"}}}},
		"peers": {"destination-rule": [peer(case.namespace, "unknown", {"trafficPolicy": {}})]},
	}
	findings := rule.findings with input as document
	{f.severity | some f in findings} == {case.want}
}
