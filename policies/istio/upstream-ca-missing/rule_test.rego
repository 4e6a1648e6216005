package policies.istio["upstream-ca-missing_test"]

import data.policies.istio["upstream-ca-missing"] as rule

path := ["spec", "trafficPolicy", "tls", "credentialName"]

ref(more) := object.union(
	{
		"path": path,
		"kind": "Secret",
		"name": "db",
		"label": "Secret shop/db",
		"state": "does not exist",
		"presence": "present",
		"key_presence": "present",
		"evidence": "",
		"near": [],
	},
	more,
)

document(role, more, spec) := {
	"object": {"spec": object.union({"host": "db", "workloadSelector": {"matchLabels": {"app": "web"}}}, spec)},
	"refs": {role: [ref(more)]},
}

absent := {"presence": "absent", "key_presence": "unknown"}

test_verdict[name] if {
	some name, case in {
		"absent": {"document": document("destination-ca", absent, {}), "want": 1},
		"no CA": {"document": document("destination-ca", {"key_presence": "absent"}, {}), "want": 1},
		"no CA is needed": {"document": document("destination-ca", {"key_presence": "absent"}, {"trafficPolicy": {"tls": {"insecureSkipVerify": true}}}), "want": 0},
		"there": {"document": document("destination-ca", {}, {}), "want": 0},
		"no certificate": {"document": document("destination-certificate", {"key_presence": "absent"}, {}), "want": 1},
		"a certificate": {"document": document("destination-certificate", {}, {}), "want": 0},
	}
	findings := rule.findings with input as case.document
	count(findings) == case.want
}

test_selector[name] if {
	some name, case in {
		"a gateway's": {"kind": "Secret", "want": 0},
		"anybody's": {"kind": "ConfigMap", "want": 1},
	}
	findings := rule.findings with input as {
		"object": {"spec": {"host": "db"}},
		"refs": {"destination-ca": [ref(object.union(absent, {"kind": case.kind}))]},
	}
	count(findings) == case.want
}
