package policies.istio["upstream-ca-unset_test"]

import data.policies.istio["upstream-ca-unset"] as rule

document(host, tls, version) := {
	"object": {"spec": {"host": host, "trafficPolicy": {"tls": tls}}},
	"refs": {"destination": [{"kind": "Service"} | not contains(host, ".")]},
	"settings": {"istio": {"version": {"value": version}}},
}

simple := {"mode": "SIMPLE"}

test_verdict[name] if {
	some name, case in {
		"a Service": {"document": document("db", simple, ""), "want": {"warning"}},
		"a private host": {"document": document("db.corp.LOCAL", simple, "1.21"), "want": {"warning"}},
		"a private name": {"document": document("db", object.union(simple, {"subjectAltNames": ["db.shop.svc"]}), ""), "want": {"warning"}},
		"a public name": {"document": document("db", object.union(simple, {"subjectAltNames": ["db.test"]}), ""), "want": set()},
		"a public host": {"document": document("db.test", simple, ""), "want": set()},
		"before": {"document": document("db.test", simple, "1.20"), "want": {"error"}},
		"before, inside": {"document": document("db", simple, "1.20"), "want": {"error"}},
		"a CA": {"document": document("db", object.union(simple, {"caCertificates": "/ca"}), "1.20"), "want": set()},
		"a credential": {"document": document("db", object.union(simple, {"credentialName": "db"}), "1.20"), "want": set()},
		"not verified": {"document": document("db", object.union(simple, {"insecureSkipVerify": true}), "1.20"), "want": set()},
		"the mesh's": {"document": document("db", {"mode": "ISTIO_MUTUAL"}, "1.20"), "want": set()},
	}
	findings := rule.findings with input as case.document
	{object.get(f, "severity", "error") | some f in findings} == case.want
}
