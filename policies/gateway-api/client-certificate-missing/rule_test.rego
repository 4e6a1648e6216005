package policies["gateway-api"]["client-certificate-missing_test"]

import data.policies["gateway-api"]["client-certificate-missing"] as rule

path := ["spec", "tls", "backend", "clientCertificateRef"]

missing := {
	"path": path,
	"group": "",
	"kind": "Secret",
	"namespace": "shop",
	"name": "gateway-client",
	"label": "Secret shop/gateway-client",
	"grant": "not-needed",
	"presence": "absent",
	"state": "does not exist",
	"near": [],
}

refused := {"grant": "not-granted", "presence": "unknown", "namespace": "certs", "state": "is not granted"}

test_verdict[name] if {
	some name, case in {
		"missing": {"ref": {}, "want": {["warning", "create the Secret, or a Certificate that makes it"]}},
		"not granted": {
			"ref": refused,
			"want": {["error", "create a ReferenceGrant in namespace certs, or move the Secret beside the Gateway"]},
		},
		"promised": {"ref": {"presence": "promised"}, "want": set()},
		"of another kind": {"ref": {"kind": "ConfigMap"}, "want": set()},
		"of another group": {"ref": {"group": "core"}, "want": set()},
	}
	findings := rule.findings with input as {"refs": {"gateway-client-certificate": [object.union(missing, case.ref)]}}
	{[object.get(f, "severity", "error"), f.remedy] | some f in findings} == case.want
}
