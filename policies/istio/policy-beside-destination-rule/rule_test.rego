package policies.istio["policy-beside-destination-rule_test"]

import data.policies.istio["policy-beside-destination-rule"] as rule

peer(namespace, age, spec) := {
	"path": ["spec", "targetRefs", 0],
	"label": "DestinationRule other",
	"group": "networking.istio.io",
	"kind": "DestinationRule",
	"namespace": namespace,
	"name": "other",
	"their_path": ["spec", "host"],
	"age": age,
	"object": {"spec": spec},
}

document(version, annotations, peer) := {
	"id": {"namespace": "shop"},
	"refs": {},
	"object": {"metadata": {"annotations": annotations}},
	"settings": {"istio": {"version": {"value": version}}},
	"peers": {"destination-rule": [peer]},
}

simple := {"host": "db", "trafficPolicy": {"tls": {"mode": "SIMPLE"}}}

timeouts := {"host": "db", "trafficPolicy": {"connectionPool": {}}}

off := {"istio.io/ignore-policy-attachment": "true"}

test_peer[name] if {
	some name, case in {
		"TLS": {"document": document("", {}, peer("shop", "newer", simple)), "want": 1},
		"TLS, before": {"document": document("1.29", {}, peer("shop", "unknown", simple)), "want": 1},
		"timeouts": {"document": document("", {}, peer("shop", "older", timeouts)), "want": 0},
		"timeouts, before": {"document": document("1.29", {}, peer("shop", "older", timeouts)), "want": 1},
		"timeouts, before, newer": {"document": document("1.29", {}, peer("shop", "newer", timeouts)), "want": 0},
		"of a subset": {"document": document("", {}, peer("shop", "older", {"host": "db", "subsets": [{"name": "v1", "trafficPolicy": {"tls": {"mode": "SIMPLE"}}}]})), "want": 0},
		"another namespace": {"document": document("1.29", {}, peer("front", "older", simple)), "want": 0},
		"other clients": {"document": document("1.29", {}, peer("shop", "older", object.union(simple, {"workloadSelector": {}}))), "want": 0},
		"switched off": {"document": document("", off, peer("shop", "older", simple)), "want": 0},
		"switched off, before": {"document": document("1.29", off, peer("shop", "older", timeouts)), "want": 0},
	}
	findings := rule.findings with input as case.document
	count(findings) == case.want
}

test_severity[name] if {
	some name, want in {"SIMPLE": "warning", "MUTUAL": "warning", "DISABLE": "error", "ISTIO_MUTUAL": "error"}
	findings := rule.findings with input as document("", {}, peer("shop", "older", {"host": "db", "trafficPolicy": {"tls": {"mode": name}}}))
	{f.severity | some f in findings} == {want}
}
