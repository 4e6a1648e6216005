package policies["gateway-api"]["backend-not-granted_test"]

import data.policies["gateway-api"]["backend-not-granted"] as rule

test_verdict[name] if {
	some name, case in {
		"not granted": {"grant": "not-granted", "parents": [{"name": "edge"}], "want": {[["spec"], "requests that would go there get 500"]}},
		"granted": {"grant": "granted", "parents": [{"name": "edge"}], "want": set()},
		"nobody knows": {"grant": "unknown", "parents": [{"name": "edge"}], "want": set()},
		"of the mesh": {"grant": "not-granted", "parents": [{"kind": "Service", "name": "api"}], "want": set()},
		"of both": {"grant": "not-granted", "parents": [{"kind": "Service", "name": "api"}, {"name": "edge"}], "want": {[["spec"], "requests that would go there get 500"]}},
	}
	findings := rule.findings with input as {
		"id": {"kind": "HTTPRoute"},
		"object": {"spec": {"parentRefs": case.parents}},
		"refs": {"route-backend": [{"path": ["spec"], "label": "Service pay/api", "state": "is not granted", "namespace": "pay", "grant": case.grant}]},
	}
	{[f.path, f.effect] | some f in findings} == case.want
}
