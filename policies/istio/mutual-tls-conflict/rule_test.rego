package policies.istio["mutual-tls-conflict_test"]

import data.policies.istio["mutual-tls-conflict"] as rule

peer(namespace, spec) := {
	"label": sprintf("PeerAuthentication %s/p", [namespace]),
	"group": "security.istio.io",
	"kind": "PeerAuthentication",
	"namespace": namespace,
	"name": "p",
	"their_path": ["metadata"],
	"object": {"spec": spec},
}

strict := {"mtls": {"mode": "STRICT"}}

disable := {"mtls": {"mode": "DISABLE"}}

permissive := {"mtls": {"mode": "PERMISSIVE"}}

for_app(app, spec) := object.union(spec, {"selector": {"matchLabels": {"app": app}}})

service := {"kind": "Service", "namespace": "shop", "label": "Service shop/db", "path": ["spec", "host"], "object": {"spec": {"selector": {"app": "db"}}}}

document(mode, ref, own, mesh) := {
	"id": {"kind": "DestinationRule"},
	"object": {"spec": {"host": "db", "trafficPolicy": {"tls": {"mode": mode}}}},
	"refs": {"destination": [ref]},
	"peers": {
		"peer-authentication": [peer("shop", spec) | some spec in own],
		"mesh-peer-authentication": [peer("istio-system", spec) | some spec in mesh],
	},
}

test_decided[name] if {
	some name, case in {
		"plain text and STRICT": {"mode": "DISABLE", "own": [strict], "mesh": [], "want": {"error"}},
		"TLS and STRICT": {"mode": "SIMPLE", "own": [strict], "mesh": [], "want": {"error"}},
		"a certificate and STRICT": {"mode": "MUTUAL", "own": [strict], "mesh": [], "want": {"warning"}},
		"mTLS and DISABLE": {"mode": "ISTIO_MUTUAL", "own": [disable], "mesh": [], "want": {"error"}},
		"mTLS and STRICT": {"mode": "ISTIO_MUTUAL", "own": [strict], "mesh": [], "want": set()},
		"plain text and DISABLE": {"mode": "DISABLE", "own": [disable], "mesh": [], "want": set()},
		"plain text and PERMISSIVE": {"mode": "DISABLE", "own": [permissive], "mesh": [strict], "want": set()},
		"the pods count first": {"mode": "DISABLE", "own": [permissive, for_app("db", strict)], "mesh": [], "want": {"error"}},
		"the pods are excepted": {"mode": "DISABLE", "own": [strict, for_app("db", permissive)], "mesh": [], "want": set()},
		"other pods": {"mode": "DISABLE", "own": [strict, for_app("web", permissive)], "mesh": [], "want": {"error"}},
		"perhaps the pods": {"mode": "DISABLE", "own": [strict, {"selector": {"matchLabels": {"version": "v1"}}}], "mesh": [], "want": set()},
		"two that differ": {"mode": "DISABLE", "own": [strict, permissive], "mesh": [], "want": set()},
		"the mesh": {"mode": "DISABLE", "own": [], "mesh": [strict], "want": {"info"}},
		"the mesh, and a certificate": {"mode": "MUTUAL", "own": [], "mesh": [strict], "want": {"info"}},
		"the mesh, and the namespace leaves it": {"mode": "SIMPLE", "own": [{"mtls": {"mode": "UNSET"}}, {}], "mesh": [strict], "want": {"info"}},
		"pods of istio-system": {"mode": "SIMPLE", "own": [], "mesh": [for_app("db", strict)], "want": set()},
		"a port": {"mode": "DISABLE", "own": [object.union(strict, {"portLevelMtls": {"8080": {"mode": "DISABLE"}}})], "mesh": [], "want": set()},
		"none": {"mode": "DISABLE", "own": [], "mesh": [], "want": set()},
	}
	findings := rule.findings with input as document(case.mode, service, case.own, case.mesh)
	{f.severity | some f in findings} == case.want
}

test_another_namespace if {
	findings := rule.findings with input as document("DISABLE", object.union(service, {"namespace": "infra"}), [strict], [])
	count(findings) == 0
}

test_service_out_of_sight if {
	findings := rule.findings with input as document("DISABLE", object.remove(service, ["object"]), [strict, for_app("db", permissive)], [])
	count(findings) == 0
}

test_truncated if {
	findings := rule.findings with input as object.union(document("DISABLE", service, [strict], []), {"truncated": ["peer-authentication"]})
	count(findings) == 0
}

policy(annotations, ref, own, mesh) := {
	"id": {"kind": "BackendTLSPolicy"},
	"object": {"metadata": {"annotations": annotations}},
	"refs": {"policy-target": [ref]},
	"peers": object.filter(
		{
			"peer-authentication": [peer("shop", spec) | some spec in own],
			"mesh-peer-authentication": [peer("istio-system", spec) | some spec in mesh],
		},
		[index | some index, list in {"peer-authentication": own, "mesh-peer-authentication": mesh}; count(list) > 0],
	),
}

test_policy[name] if {
	some name, case in {
		"pods": {"document": policy({}, service, [for_app("db", strict)], []), "want": {"error"}},
		"namespace": {"document": policy({}, service, [strict], []), "want": {"warning"}},
		"mesh": {"document": policy({}, service, [], [strict]), "want": {"info"}},
		"switched off": {"document": policy({"istio.io/ignore-policy-attachment": "true"}, service, [strict], []), "want": set()},
		"plain text": {"document": policy({}, service, [disable], []), "want": set()},
		"another kind": {"document": policy({}, object.union(service, {"kind": "ServiceEntry"}), [strict], []), "want": set()},
	}
	findings := rule.findings with input as case.document
	{f.severity | some f in findings} == case.want
}
