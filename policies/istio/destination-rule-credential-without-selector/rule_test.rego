package policies.istio["destination-rule-credential-without-selector_test"]

import data.policies.istio["destination-rule-credential-without-selector"] as rule

document(tls) := {
	"id": {"namespace": "shop"},
	"object": {"spec": {"host": "db", "trafficPolicy": {"tls": tls}}},
}

tls := {"mode": "SIMPLE", "credentialName": "db"}

test_fields[name] if {
	some name, case in {
		"simple": {"tls": tls, "want": 1},
		"mutual": {"tls": {"mode": "MUTUAL", "credentialName": "db"}, "want": 1},
		"off": {"tls": {"mode": "DISABLE", "credentialName": "db"}, "want": 0},
		"the mesh's": {"tls": {"mode": "ISTIO_MUTUAL", "credentialName": "db"}, "want": 0},
		"a file": {"tls": {"mode": "SIMPLE", "caCertificates": "/ca"}, "want": 0},
		"blank": {"tls": {"mode": "SIMPLE", "credentialName": ""}, "want": 0},
		"a ConfigMap": {"tls": {"mode": "SIMPLE", "credentialName": "configmap://shop/db"}, "want": 0},
	}
	findings := rule.findings with input as document(case.tls)
	count(findings) == case.want
}

test_selector if {
	selected := object.union(document(tls), {"object": {"spec": {"workloadSelector": {"matchLabels": {"app": "web"}}}}})
	findings := rule.findings with input as selected
	count(findings) == 0
}

test_gateway[name] if {
	some name, case in {
		"a gateway": {"peers": {"virtual-service": [{"object": {"spec": {"gateways": ["mesh", "edge"]}}}]}, "want": 0},
		"the mesh": {"peers": {"virtual-service": [{"object": {"spec": {"gateways": ["mesh"]}}}]}, "want": 1},
		"the mesh, unsaid": {"peers": {"virtual-service": [{"object": {"spec": {}}}]}, "want": 1},
		"a route of a Gateway": {"peers": {"route": [{"object": {"spec": {"parentRefs": [{"name": "edge"}]}}}]}, "want": 0},
		"a route of the mesh": {"peers": {"route": [{"object": {"spec": {"parentRefs": [{"kind": "Service", "name": "db"}]}}}]}, "want": 1},
	}
	findings := rule.findings with input as object.union(document(tls), {"peers": case.peers})
	count(findings) == case.want
}

test_severity[name] if {
	some name, want in {"shop": "error", "istio-system": "warning"}
	findings := rule.findings with input as object.union(document(tls), {"id": {"namespace": name}})
	{f.severity | some f in findings} == {want}
}
