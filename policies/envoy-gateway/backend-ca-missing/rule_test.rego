package policies["envoy-gateway"]["backend-ca-missing_test"]

import data.policies["envoy-gateway"]["backend-ca-missing"] as rule

test_verdict[name] if {
	some name, case in {
		"missing": {"ref": {"presence": "absent", "key_presence": "unknown"}, "want": {"ConfigMap shop/ca does not exist"}},
		"no key": {"ref": {"presence": "present", "key_presence": "absent", "keys": ["a", "b"]}, "want": {"ConfigMap shop/ca has no ca.crt"}},
		"a sole key": {"ref": {"presence": "present", "key_presence": "absent", "keys": ["a"]}, "want": set()},
		"tls.crt": {"ref": {"presence": "present", "key_presence": "absent", "keys": ["a", "tls.crt"]}, "want": set()},
	}
	ref := object.union({"path": [], "label": "ConfigMap shop/ca", "kind": "ConfigMap", "name": "ca", "state": "does not exist", "near": []}, case.ref)
	findings := rule.findings with input as {"refs": {"backend-trust": [ref]}}
	{f.message | some f in findings} == case.want
}
