package policies.kong["client-certificate-not-sent_test"]

import data.policies.kong["client-certificate-not-sent"] as rule

ref := {
	"name": "own",
	"label": "Secret shop/own",
	"presence": "present",
	"state": "exists",
	"evidence": "complete",
	"near": [],
	"keys": ["tls.crt", "tls.key"],
	"keys_open": false,
}

service(protocol, known) := {
	"id": {"kind": "Service", "label": "Service shop/api", "namespace": "shop"},
	"object": {"metadata": {"annotations": {"konghq.com/client-cert": "own", "konghq.com/protocol": protocol}}},
	"refs": {"kong-client-certificate": [object.union(ref, known)]},
}

test_missing if {
	findings := rule.findings with input as service("https", {"presence": "absent", "state": "does not exist", "keys": [], "keys_open": true})
	findings == {{
		"path": ["metadata", "annotations", "konghq.com/client-cert"],
		"message": "Secret shop/own does not exist",
		"effect": "requests to Service shop/api go out without a client certificate",
		"remedy": "create the Secret, or a Certificate that makes it",
		"severity": "warning",
	}}
}

test_found[name] if {
	some name, case in {
		"no key": {"protocol": "https", "known": {"keys": ["ca.crt", "tls.crt"]}, "message": "Secret shop/own has no tls.key"},
		"http": {"protocol": "", "known": {}, "message": "Service shop/api is called by http"},
		"grpc": {"protocol": "grpc", "known": {}, "message": "Service shop/api is called by grpc"},
		"of another namespace": {"protocol": "tls", "known": {"name": "infra/own", "presence": "absent"}, "message": "\"infra/own\" is no name, and Kong looks in namespace shop only"},
	}
	findings := rule.findings with input as service(case.protocol, case.known)
	{[f.message, f.severity] | some f in findings} == {[case.message, "error"]}
}

test_silent[name] if {
	some name, case in {
		"all right": ["https", {}],
		"grpcs, which another rule reports": ["grpcs", {}],
		"there may be more keys": ["https", {"keys": [], "keys_open": true}],
		"filled in later": ["https", {"name": "${NAMESPACE}/own", "presence": "unknown", "keys": [], "keys_open": true}],
	}
	findings := rule.findings with input as service(case[0], case[1])
	count(findings) == 0
}

test_a_policy_sets_the_protocol if {
	whole := object.union(service("", {}), {"peers": {"backend-policy": [{"label": "BackendTLSPolicy shop/api"}]}})
	findings := rule.findings with input as whole
	count(findings) == 0
}
