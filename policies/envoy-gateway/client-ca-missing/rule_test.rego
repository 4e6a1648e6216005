package policies["envoy-gateway"]["client-ca-missing_test"]

import data.policies["envoy-gateway"]["client-ca-missing"] as rule

policy(validation) := {"spec": {"tls": {"clientValidation": validation}}}

ref := {
	"path": ["spec", "tls", "clientValidation", "caCertificateRefs", 0],
	"title": "client CA",
	"kind": "ConfigMap",
	"namespace": "shop",
	"name": "client-ca",
	"label": "ConfigMap shop/client-ca",
	"key": "ca.crt",
	"keys": ["ca.crt"],
	"grant": "not-needed",
	"presence": "present",
	"key_presence": "present",
	"state": "exists",
	"near": [],
}

test_reference[name] if {
	some name, case in {
		"not granted": {
			"ref": {"grant": "not-granted", "presence": "unknown", "namespace": "certs", "state": "is not granted"},
			"want": {["ConfigMap shop/client-ca is not granted", "create a ReferenceGrant in namespace certs for ClientTrafficPolicies, or keep it beside the policy"]},
		},
		"missing": {
			"ref": {"presence": "absent", "key_presence": "unknown", "state": "does not exist"},
			"want": {["ConfigMap shop/client-ca does not exist", "create the ConfigMap with ca.crt"]},
		},
		"no such key": {
			"ref": {"key_presence": "absent", "keys": ["a", "b"]},
			"want": {["ConfigMap shop/client-ca has no ca.crt", "put it under ca.crt as PEM"]},
		},
		"a sole key": {"ref": {"key_presence": "absent", "keys": ["a"]}, "want": set()},
		"of another kind": {
			"ref": {"kind": "Service", "presence": "absent"},
			"want": {["Envoy Gateway reads no client CA from a Service", "refer to a Secret or ConfigMap"]},
		},
		"there": {"ref": {}, "want": set()},
	}
	findings := rule.findings with input as {
		"object": policy({"caCertificateRefs": [{"name": "client-ca"}]}),
		"refs": {"client-traffic-ca": [object.union(ref, case.ref)]},
	}
	{[f.message, f.remedy] | some f in findings} == case.want
}

test_no_reference[name] if {
	some name, case in {
		"by default": {"validation": {}, "want": {"mode RequireAndVerify verifies clients, and there is no CA"}},
		"optional": {"validation": {"optional": true}, "want": {"mode VerifyIfGiven verifies clients, and there is no CA"}},
		"a mode": {"validation": {"mode": "VerifyIfGiven", "optional": false}, "want": {"mode VerifyIfGiven verifies clients, and there is no CA"}},
		"one that verifies nobody": {"validation": {"mode": "RequireAny"}, "want": set()},
	}
	findings := rule.findings with input as {"object": policy(case.validation)}
	{f.message | some f in findings} == case.want
}

test_no_validation if {
	findings := rule.findings with input as {"object": {"spec": {"tls": {"minVersion": "1.3"}}}}
	count(findings) == 0
}
