package policies.istio["mesh-certificate-outside-mesh_test"]

import data.policies.istio["mesh-certificate-outside-mesh"] as rule

document(mode, entry) := {
	"object": {"spec": {"host": "db.test", "trafficPolicy": {"tls": {"mode": mode}}}},
	"peers": {"service-entry": [{
		"key": "db.test",
		"label": "ServiceEntry shop/db",
		"group": "networking.istio.io",
		"kind": "ServiceEntry",
		"namespace": "shop",
		"name": "db",
		"their_path": ["spec", "hosts", 0],
		"object": {"spec": entry},
	}]},
}

test_verdict[name] if {
	some name, case in {
		"outside": {"document": document("ISTIO_MUTUAL", {"location": "MESH_EXTERNAL"}), "want": {"error"}},
		"unsaid": {"document": document("ISTIO_MUTUAL", {}), "want": {"warning"}},
		"inside": {"document": document("ISTIO_MUTUAL", {"location": "MESH_INTERNAL"}), "want": set()},
		"a workload": {"document": document("ISTIO_MUTUAL", {"workloadSelector": {}}), "want": set()},
		"TLS of its own": {"document": document("MUTUAL", {}), "want": set()},
	}
	findings := rule.findings with input as case.document
	{f.severity | some f in findings} == case.want
}
