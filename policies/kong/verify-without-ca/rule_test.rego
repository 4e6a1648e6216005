package policies.kong["verify-without-ca_test"]

import data.policies.kong["verify-without-ca"] as rule

verify := "konghq.com/tls-verify"

service(annotations) := {"id": {"kind": "Service", "label": "Service shop/api"}, "object": {"metadata": {"annotations": object.union({"konghq.com/protocol": "https"}, annotations)}}}

test_without if {
	findings := rule.findings with input as service({verify: "1", "konghq.com/ca-certificates-secrets": ","})
	findings == {{
		"path": ["metadata", "annotations", verify],
		"message": "the backend is to be verified, and no CA is named for it",
		"effect": "requests to Service shop/api get 502, unless the data planes have a trust store of their own",
		"remedy": "name the CA of the backend in konghq.com/ca-certificates-secrets or konghq.com/ca-certificates-configmaps",
	}}
}

test_silent[name] if {
	some name, mine in {
		"with one": {verify: "true", "konghq.com/ca-certificates-secrets": "ca"},
		"with another": {verify: "true", "konghq.com/ca-certificates-configmaps": "ca"},
		"not verified": {verify: "false"},
		"not https, which another rule reports": {verify: "true", "konghq.com/protocol": "http"},
	}
	findings := rule.findings with input as service(mine)
	count(findings) == 0
}

test_a_policy_names_them if {
	whole := object.union(service({verify: "true"}), {"peers": {"backend-policy": [{"label": "BackendTLSPolicy shop/api"}]}})
	findings := rule.findings with input as whole
	count(findings) == 0
}
