package policies.gloo["upstream-not-verified_test"]

import data.policies.gloo["upstream-not-verified"] as rule

id(kind) := {"group": "", "version": "v1", "kind": kind, "namespace": "shop", "name": "api", "label": sprintf("%s shop/api", [kind])}

ref := {"path": ["spec", "sslConfig", "secretRef"], "label": "Secret shop/tls", "presence": "present", "key_presence": "absent"}

judge(kind, spec) := {f.message | some f in findings} if {
	findings := rule.findings with input as {"id": id(kind), "object": {"spec": spec}, "refs": {"gloo-backend-ca": [ref]}}
}

test_messages[name] if {
	some name, case in {
		"empty": {"kind": "Upstream", "spec": {"sslConfig": {}}, "want": {"sslConfig names no CA"}},
		"Secret": {"kind": "Upstream", "spec": {"sslConfig": {"secretRef": {"name": "tls"}}}, "want": {"Secret tls has no ca.crt"}},
		"names, refused": {"kind": "Upstream", "spec": {"sslConfig": {"verifySubjectAltName": ["a"]}}, "want": set()},
		"port 443": {
			"kind": "Upstream",
			"spec": {"static": {"hosts": [{"addr": "a.test", "port": 443}]}},
			"want": {"TLS of a static host is verified by nothing without a sslConfig"},
		},
		"port 443, plain": {"kind": "Upstream", "spec": {"static": {"useTls": false, "hosts": [{"addr": "a.test", "port": 443}]}}, "want": set()},
		"port 80": {"kind": "Upstream", "spec": {"static": {"hosts": [{"addr": "a.test", "port": 80}]}}, "want": set()},
		"Service": {"kind": "Service", "spec": {}, "want": {"Secret shop/tls has no ca.crt"}},
	}
	judge(case.kind, case.spec) == case.want
}
