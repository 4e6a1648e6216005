package policies["envoy-gateway"]["client-certificate-missing_test"]

import data.policies["envoy-gateway"]["client-certificate-missing"] as rule

path := ["spec", "tls", "clientCertificateRef"]

judge(kind, written, presence) := {[object.get(f, "severity", "error"), f.effect, f.message] | some f in findings} if {
	findings := rule.findings with input as {
		"id": {"kind": kind, "namespace": "shop"},
		"object": {"spec": {"tls": {"clientCertificateRef": written}}},
		"refs": {"backend-client-certificate": [{
			"path": path,
			"label": "Secret shop/c",
			"name": "c",
			"presence": presence,
			"state": "does not exist",
			"near": [],
		}]},
	}
}

test_missing if judge("Backend", {"name": "c"}, "absent") == {["warning", "requests to this Backend get 500", "Secret shop/c does not exist"]}

test_namespace if {
	judge("EnvoyProxy", {"name": "c", "namespace": "certs"}, "absent") == {[
		"error",
		"requests to backends that are reached by TLS get 500",
		"the Secret must be in the namespace of the EnvoyProxy",
	]}
}

test_there if judge("Backend", {"name": "c", "namespace": "shop"}, "present") == set()
