package policies.gloo["secret-missing_test"]

import data.policies.gloo["secret-missing"] as rule

id(kind) := {"group": "", "version": "v1", "kind": kind, "namespace": "shop", "name": "api", "label": sprintf("%s shop/api", [kind])}

ref := {
	"path": ["spec", "sslConfig", "secretRef"],
	"label": "Secret shop/tls",
	"name": "tls",
	"presence": "absent",
	"evidence": "complete",
	"state": "does not exist",
	"near": [],
}

upstream := {"spec": {"sslConfig": {"secretRef": {"name": "tls", "namespace": "shop"}}}}

test_upstream if {
	findings := rule.findings with input as {"id": id("Upstream"), "object": upstream, "refs": {"gloo-backend-ca": [ref]}}
	findings == {{
		"path": ["spec", "sslConfig", "secretRef"],
		"message": "Secret shop/tls does not exist",
		"effect": "requests to Upstream shop/api are sent unencrypted",
		"remedy": "create the Secret, of type kubernetes.io/tls, with the CA under ca.crt",
	}}
}

test_virtual_service if {
	findings := rule.findings with input as {"id": id("VirtualService"), "object": upstream, "refs": {"gloo-certificate": [ref]}}
	{[f.effect, f.severity] | some f in findings} == {["clients of VirtualService shop/api get no TLS connection", "warning"]}
}

test_service if {
	path := ["metadata", "annotations", "gloo.solo.io/sslService.secret"]
	findings := rule.findings with input as {
		"id": id("Service"),
		"object": {"metadata": {"annotations": {"gloo.solo.io/sslService.secret": "443:tls"}}},
		"refs": {"gloo-backend-ca": [object.union(ref, {"path": path})]},
	}
	{[f.path, f.effect] | some f in findings} == {[path, "requests to Service shop/api are sent unencrypted"]}
}

test_silent[name] if {
	some name, case in {
		"there": {"ref": {"presence": "present"}, "object": upstream},
		"not known": {"ref": {"presence": "unknown"}, "object": upstream},
		"without a namespace": {"ref": {}, "object": {"spec": {"sslConfig": {"secretRef": {"name": "tls"}}}}},
	}
	findings := rule.findings with input as {
		"id": id("Upstream"),
		"object": case.object,
		"refs": {"gloo-backend-ca": [object.union(ref, case.ref)], "gloo-certificate": [object.union(ref, case.ref)]},
	}
	count(findings) == 0
}
